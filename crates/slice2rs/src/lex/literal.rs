//! Numbers and strings. The forms are those of the Slice manual, "Lexical Rules" and "Constants and Literals".

use super::{Lexer, TokenKind};
use crate::diagnostic::{Diagnostic, Kind};
use crate::source::Span;

/// Whether a number begins here; a sign belongs to its number.
pub(super) fn starts_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.strip_prefix('.').unwrap_or(unsigned);
    digits.starts_with(|c: char| c.is_ascii_digit())
}

impl Lexer<'_> {
    pub(super) fn number(&mut self) -> TokenKind {
        let start = self.at;
        let bytes = self.text.as_bytes();
        if matches!(bytes[self.at], b'+' | b'-') {
            self.at += 1;
        }
        // An exponent may have a sign of its own; hexadecimal digits have none.
        let hexadecimal = self.rest().starts_with("0x");
        while let Some(&byte) = bytes.get(self.at) {
            let signed_exponent = matches!(byte, b'+' | b'-')
                && !hexadecimal
                && matches!(bytes[self.at - 1], b'e' | b'E');
            if byte.is_ascii_alphanumeric() || byte == b'.' || signed_exponent {
                self.at += 1;
            } else {
                break;
            }
        }
        let written = &self.text[start..self.at];
        let value = if !hexadecimal && written.contains(['.', 'e', 'E']) {
            float(written)
        } else {
            integer(written)
        };
        match value {
            Ok(value) => value,
            Err(why) => {
                self.error(start, format!("`{written}` is not a number: {why}"));
                TokenKind::Integer(0)
            }
        }
    }

    /// A string; after an error, what could be read of it.
    pub(super) fn text_literal(&mut self) -> TokenKind {
        let start = self.at;
        self.at += 1;
        // Bytes, because `\x` and octal escapes may spell UTF-8 byte by byte.
        let mut value: Vec<u8> = Vec::new();
        loop {
            let plain = self.take_while(|c| !matches!(c, '"' | '\\') && !c.is_ascii_control());
            value.extend_from_slice(plain.as_bytes());
            match self.rest().chars().next() {
                Some('"') => {
                    self.at += 1;
                    break;
                }
                Some('\\') => self.escape(&mut value),
                Some(control) if !matches!(control, '\n' | '\r') => {
                    let start = self.at;
                    self.at += 1;
                    self.error(
                        start,
                        format!(
                            "the control character {control:?} cannot stand in a string; write its escape"
                        ),
                    );
                }
                _ => {
                    let span = Span::new(self.file, start..start + 1);
                    self.diagnostics.add(
                        Diagnostic::error(
                            Kind::Syntax,
                            span,
                            "this string does not end on its line",
                        )
                        .help("close it with `\"`; a line break inside is written `\\n`"),
                    );
                    break;
                }
            }
        }
        TokenKind::Text(String::from_utf8(value).unwrap_or_else(|broken| {
            self.error(
                start,
                "the bytes of this string are not UTF-8; write the character itself, or `\\u`",
            );
            String::from_utf8_lossy(broken.as_bytes()).into_owned()
        }))
    }

    fn escape(&mut self, value: &mut Vec<u8>) {
        let start = self.at;
        self.at += 1;
        let Some(letter) = self.rest().chars().next() else {
            return;
        };
        let simple = match letter {
            '\'' | '"' | '?' | '\\' => Some(letter as u8),
            'a' => Some(7),
            'b' => Some(8),
            't' => Some(9),
            'n' => Some(10),
            'v' => Some(11),
            'f' => Some(12),
            'r' => Some(13),
            _ => None,
        };
        if let Some(byte) = simple {
            self.at += 1;
            value.push(byte);
            return;
        }
        let (skip, radix, shortest, longest) = match letter {
            '0'..='7' => (0, 8, 1, 3),
            'x' => (1, 16, 1, 2),
            'u' => (1, 16, 4, 4),
            'U' => (1, 16, 8, 8),
            // The string goes on in the next line.
            '\n' => {
                self.at += 1;
                return;
            }
            '\r' if self.rest().starts_with("\r\n") => {
                self.at += 2;
                return;
            }
            // The line's end is reported by the caller.
            '\r' => return,
            // What stands behind the backslash is read as if there were none.
            _ => {
                value.push(b'\\');
                let escape = Span::new(self.file, start..self.at + letter.len_utf8());
                self.diagnostics.add(
                    Diagnostic::warning(
                        Kind::Syntax,
                        escape,
                        format!("`\\{letter}` is not an escape of Slice, and stands for itself"),
                    )
                    .help("a backslash is written `\\\\`"),
                );
                return;
            }
        };
        self.at += skip;
        let digits = self
            .rest()
            .bytes()
            .take(longest)
            .take_while(|byte| char::from(*byte).is_digit(radix))
            .count();
        let written = &self.rest()[..digits];
        self.at += digits;
        let code = u32::from_str_radix(written, radix).ok();
        match (code, letter) {
            _ if digits < shortest => {
                self.error(start, format!("`\\{letter}` wants {shortest} digits"));
            }
            (Some(code), 'u' | 'U') => match char::from_u32(code) {
                Some(character) => {
                    value.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                None => self.error(start, format!("U+{code:04X} is not a character")),
            },
            (Some(code), _) => match u8::try_from(code) {
                Ok(byte) => value.push(byte),
                Err(_) => self.error(start, "an octal escape ends at `\\377`"),
            },
            (None, _) => self.error(start, "this escape has no digits"),
        }
    }
}

fn integer(written: &str) -> Result<TokenKind, &'static str> {
    let (negative, digits) = match written.as_bytes()[0] {
        b'-' => (true, &written[1..]),
        b'+' => (false, &written[1..]),
        _ => (false, written),
    };
    let (radix, digits) = if let Some(hexadecimal) = digits.strip_prefix("0x") {
        (16, hexadecimal)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (8, &digits[1..])
    } else {
        (10, digits)
    };
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(match radix {
            8 => "what begins with 0 is octal, with the digits 0 to 7",
            16 => "`0x` is followed by the digits 0 to 9 and a to f",
            _ => "a digit is expected here",
        });
    }
    let magnitude = i128::from_str_radix(digits, radix).map_err(|_| OUT_OF_RANGE)?;
    let value = if negative { -magnitude } else { magnitude };
    i64::try_from(value)
        .map(TokenKind::Integer)
        .map_err(|_| OUT_OF_RANGE)
}

const OUT_OF_RANGE: &str = "it does not fit a `long`, which ends at 9223372036854775807";

fn float(written: &str) -> Result<TokenKind, &'static str> {
    let bare = written.strip_suffix(['f', 'F']).unwrap_or(written);
    match bare.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(TokenKind::Float(value)),
        Ok(_) => Err("it does not fit a `double`, which ends near 1.8e308"),
        Err(_) => Err("write it as `1.5`, `1e10` or `1.5e-3`"),
    }
}

#[cfg(test)]
mod tests {
    use super::{TokenKind, float, integer};

    #[test]
    fn integers_are_decimal_octal_or_hexadecimal() {
        assert_eq!(integer("017"), Ok(TokenKind::Integer(15)));
        assert_eq!(integer("-0x10"), Ok(TokenKind::Integer(-16)));
        assert_eq!(integer("+7"), Ok(TokenKind::Integer(7)));
        assert_eq!(
            integer("-9223372036854775808"),
            Ok(TokenKind::Integer(i64::MIN))
        );
        assert!(integer("9223372036854775808").is_err());
        assert!(integer("09").is_err());
        assert!(integer("0x").is_err());
        assert!(integer("12ab").is_err());
    }

    #[test]
    fn floats_may_have_a_suffix_and_must_be_finite() {
        assert_eq!(float("1.5f"), Ok(TokenKind::Float(1.5)));
        assert_eq!(float("-.5e1"), Ok(TokenKind::Float(-5.0)));
        assert!(float("1e400").is_err());
        assert!(float("1.2.3").is_err());
    }
}
