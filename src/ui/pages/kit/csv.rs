//! The first lines of a table of comma- or tab-separated values.

/// Lines of a preview, without the headings.
const ROWS: usize = 50;
const COLUMNS: usize = 16;

/// The start of a table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Table {
    /// The first line.
    pub(crate) header: Vec<String>,
    /// The lines after it.
    pub(crate) rows: Vec<Vec<String>>,
    /// There are more lines or columns than these.
    pub(crate) more: bool,
}

/// Reads the start of a file. Of one that is `cut` off, the last line is left out, for it may be half a line.
pub(crate) fn read(text: &str, separator: char, cut: bool) -> Table {
    let mut table = Table { more: cut, ..Table::default() };
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = Vec::new();
    while !rest.is_empty() {
        if lines.len() > ROWS {
            table.more = true;
            break;
        }
        let (line, after, ended) = read_line(rest, separator);
        rest = after;
        if ended || !cut {
            lines.push(line);
        }
    }
    for line in &mut lines {
        table.more |= line.len() > COLUMNS;
        line.truncate(COLUMNS);
    }
    let mut lines = lines.into_iter();
    table.header = lines.next().unwrap_or_default();
    table.rows = lines.collect();
    table
}

/// One line, what comes after it, and whether it had an end.
fn read_line(text: &str, separator: char) -> (Vec<String>, &str, bool) {
    let mut cells = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' if quoted => {
                if chars.next_if(|(_, next)| *next == '"').is_some() {
                    cell.push('"');
                } else {
                    quoted = false;
                }
            }
            '"' if cell.is_empty() => quoted = true,
            c if quoted => cell.push(c),
            '\r' if chars.peek().is_some_and(|(_, next)| *next == '\n') => {}
            '\n' => {
                cells.push(cell);
                return (cells, text.get(at + 1..).unwrap_or_default(), true);
            }
            c if c == separator => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    (cells, "", false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let cases: [(&str, char, &[&[&str]]); 8] = [
            ("a,b\n1,2\n", ',', &[&["a", "b"], &["1", "2"]]),
            ("a,b\r\n1,2", ',', &[&["a", "b"], &["1", "2"]]),
            ("a\tb\n1,5\t2", '\t', &[&["a", "b"], &["1,5", "2"]]),
            ("\u{feff}a\n\"x\n,\"\"y\"\n", ',', &[&["a"], &["x\n,\"y"]]),
            ("a,\n,\n", ',', &[&["a", ""], &["", ""]]),
            ("a\n\"open", ',', &[&["a"], &["open"]]),
            ("\n\n", ',', &[&[""], &[""]]),
            ("", ',', &[&[]]),
        ];
        for (text, separator, expected) in cases {
            let table = read(text, separator, false);
            let found: Vec<Vec<String>> = std::iter::once(table.header).chain(table.rows).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn large_tables_are_cut() {
        let line = vec!["x"; 1000].join(",") + "\n";
        let table = read(&line.repeat(1000), ',', false);
        assert_eq!((table.header.len(), table.rows.len(), table.more), (COLUMNS, ROWS, true));
        let table = read("a,b\n1,2\n3", ',', true);
        assert_eq!((table.rows, table.more), (vec![vec!["1".to_owned(), "2".to_owned()]], true));
    }
}
