//! The expressions of `#if`: integers, macros, `defined`, comparisons and logic.

/// So deep may parentheses and negations nest.
const MAX_DEPTH: usize = 64;

/// Whether the expression holds; `lookup` gives a macro's text.
///
/// An unknown name counts as 0, as in C.
pub(super) fn evaluate<'a>(
    text: &'a str,
    lookup: impl Fn(&str) -> Option<&'a str>,
) -> Result<bool, String> {
    let mut expression = Expression {
        rest: text,
        lookup: &lookup,
        depth: 0,
    };
    let value = expression.either()?;
    expression.skip_space();
    if expression.rest.is_empty() {
        Ok(value != 0)
    } else {
        Err(format!("`{}` is left over", expression.rest))
    }
}

struct Expression<'a, 'l> {
    rest: &'a str,
    lookup: &'l dyn Fn(&str) -> Option<&'a str>,
    depth: usize,
}

type Value = Result<i64, String>;

impl Expression<'_, '_> {
    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, operator: &str) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(operator) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> &str {
        self.skip_space();
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn either(&mut self) -> Value {
        let mut value = self.both()?;
        while self.take("||") {
            let right = self.both()?;
            value = i64::from(value != 0 || right != 0);
        }
        Ok(value)
    }

    fn both(&mut self) -> Value {
        let mut value = self.comparison()?;
        while self.take("&&") {
            let right = self.comparison()?;
            value = i64::from(value != 0 && right != 0);
        }
        Ok(value)
    }

    fn comparison(&mut self) -> Value {
        let left = self.single()?;
        // The longer operators first.
        type Compare = fn(&i64, &i64) -> bool;
        let operators: [(&str, Compare); 6] = [
            ("==", i64::eq),
            ("!=", i64::ne),
            ("<=", i64::le),
            (">=", i64::ge),
            ("<", i64::lt),
            (">", i64::gt),
        ];
        for (operator, compare) in operators {
            if self.take(operator) {
                let right = self.single()?;
                return Ok(i64::from(compare(&left, &right)));
            }
        }
        Ok(left)
    }

    fn single(&mut self) -> Value {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("it nests deeper than {MAX_DEPTH}"));
        }
        let value = self.operand();
        self.depth -= 1;
        value
    }

    fn operand(&mut self) -> Value {
        if self.take("!") {
            return Ok(i64::from(self.single()? == 0));
        }
        if self.take("(") {
            let value = self.either()?;
            return self.close(value);
        }
        let lookup = self.lookup;
        let word = self.word();
        if word == "defined" {
            let parenthesis = self.take("(");
            let value = i64::from(lookup(self.word()).is_some());
            return if parenthesis {
                self.close(value)
            } else {
                Ok(value)
            };
        }
        if word.is_empty() {
            return Err(match self.rest {
                "" => "something is missing at its end".to_owned(),
                rest => format!("`{rest}` is not understood"),
            });
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return number(word).ok_or_else(|| format!("`{word}` is not a number"));
        }
        Ok(lookup(word).and_then(number).unwrap_or(0))
    }

    fn close(&mut self, value: i64) -> Value {
        if self.take(")") {
            Ok(value)
        } else {
            Err("a `)` is missing".to_owned())
        }
    }
}

fn number(text: &str) -> Option<i64> {
    let text = text.trim_end_matches(['l', 'L', 'u', 'U']);
    match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::evaluate;

    fn holds(text: &str) -> Result<bool, String> {
        evaluate(text, |name| match name {
            "VERSION" => Some("30708"),
            "EMPTY" => Some(""),
            _ => None,
        })
    }

    #[test]
    fn macros_numbers_and_logic_are_understood() {
        assert_eq!(holds("VERSION >= 30700 && !defined(OTHER)"), Ok(true));
        assert_eq!(holds("defined OTHER || (VERSION == 1)"), Ok(false));
        assert_eq!(
            holds("defined(EMPTY) && OTHER < 1 && 0x10 == 16L"),
            Ok(true)
        );
    }

    #[test]
    fn a_broken_condition_is_reported_and_never_recurses_without_end() {
        for text in ["", "(1", "1 2", "&& 1", "12ab"] {
            assert!(holds(text).is_err(), "{text}");
        }
        assert!(holds(&"(".repeat(100_000)).is_err());
        assert!(holds(&"!".repeat(100_000)).is_err());
    }
}
