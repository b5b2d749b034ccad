//! Tables for people.

use console::measure_text_width;
use iceflix_service::log::shown;

/// The rows below their headings, in columns as wide as they have to be, with a
/// line break behind each. Whatever stands in a cell, it stays on its line.
pub(super) fn columns<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let rows: Vec<[String; N]> = rows.iter().map(|row| row.each_ref().map(shown)).collect();
    let mut widths = head.map(measure_text_width);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(measure_text_width(cell));
        }
    }
    let line = |cells: [&str; N]| {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            let gap = width.saturating_sub(measure_text_width(cell)) + 2;
            line += cell;
            line += &" ".repeat(gap);
        }
        line.truncate(line.trim_end().len());
        line + "\n"
    };
    let mut text = line(head);
    for row in &rows {
        text += &line(row.each_ref().map(String::as_str));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_keep_the_columns_straight() {
        let rows = [
            ["七人の侍".to_owned(), "1954".to_owned()],
            ["M\nx".to_owned(), String::new()],
        ];
        let text = columns(["TITLE", "YEAR"], &rows);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert_eq!(lines[0], "TITLE     YEAR");
        assert_eq!(lines[1], "七人の侍  1954");
    }
}
