//! What of a file a page can show: text, a table, JSON or an image. It is bounded, and never more than text to a
//! browser.

use std::io::{Error as IoError, Write};

use futures_util::TryStreamExt as _;
use maud::{Markup, html};
use serde_json::Value;

use crate::artifacts::ArtifactStore;
use crate::error::Result;
use crate::ui::pages::kit::csv::{self, Table};
use crate::ui::pages::kit::text::{T, within};

/// Bytes of a file that are read for its preview.
const READ: u64 = 256 * 1024;
/// Bytes of a preview on the page.
const SHOWN: usize = 45_000;
/// Bytes of a cell of a table.
const CELL: usize = 50;
/// The largest image that a page shows.
const IMAGE: u64 = 32 * 1024 * 1024;

/// Extensions of images and the types that they are served with. None of them runs anything in an `img`, nor in a
/// sandbox.
const IMAGES: [(&str, &str); 9] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("avif", "image/avif"),
    ("bmp", "image/bmp"),
    ("ico", "image/x-icon"),
    ("svg", "image/svg+xml"),
];

/// What is shown of a file.
pub(super) enum Preview {
    Image,
    Table(Table),
    /// Text, and whether it is all of the file.
    Text(String, bool),
    Empty,
    /// Nothing that a page could show.
    Binary,
    /// The operator lets no bytes through this server.
    Off,
}

/// The type with which an image is served; `None` for what is none.
pub(super) fn image_type(path: &str) -> Option<&'static str> {
    let extension = extension(path);
    IMAGES.iter().find(|(known, _)| *known == extension).map(|(_, image_type)| *image_type)
}

fn extension(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// Reads what is shown of a file of `size` bytes.
pub(super) async fn read(store: &ArtifactStore, path: &str, size: u64) -> Result<Preview> {
    if size == 0 {
        return Ok(Preview::Empty);
    }
    if image_type(path).is_some() && size <= IMAGE {
        return Ok(Preview::Image);
    }
    let (_, mut body) = store.open(path, Some(0..size.min(READ))).await?;
    let mut bytes = Vec::new();
    while let Some(chunk) = body.try_next().await? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(understand(&bytes, &extension(path), size > READ))
}

/// What bytes are, of which the end is missing where they are `cut`.
fn understand(bytes: &[u8], extension: &str, cut: bool) -> Preview {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // The last character may be cut in two.
        Err(error) if cut && error.error_len().is_none() => {
            bytes.get(..error.valid_up_to()).and_then(|start| std::str::from_utf8(start).ok()).unwrap_or_default()
        }
        Err(_) => return Preview::Binary,
    };
    if text.contains('\0') {
        return Preview::Binary;
    }
    match extension {
        "csv" => Preview::Table(csv::read(text, ',', cut)),
        "tsv" => Preview::Table(csv::read(text, '\t', cut)),
        "json" if !cut => pretty(text).unwrap_or_else(|| plain(text, cut)),
        _ => plain(text, cut),
    }
}

fn plain(text: &str, cut: bool) -> Preview {
    let (shown, whole) = within(text, SHOWN);
    Preview::Text(shown.to_owned(), whole && !cut)
}

/// Indented JSON; nothing if it is none.
fn pretty(text: &str) -> Option<Preview> {
    let value: Value = serde_json::from_str(text).ok()?;
    let mut out = Bounded(Vec::new());
    let whole = serde_json::to_writer_pretty(&mut out, &value).is_ok();
    let text = String::from_utf8_lossy(&out.0);
    Some(plain(&text, !whole))
}

/// Takes no more than a page shows: indentation can make a text a hundred times as long.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() > SHOWN {
            return Err(IoError::other("enough"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The preview; `image` is the address of the file as an image.
pub(super) fn render(preview: &Preview, name: &str, image: &str) -> Markup {
    html! {
        @match preview {
            Preview::Image => img src=(image) alt={ "Image " (T(name)) };,
            Preview::Table(table) => (render_table(table, name)),
            Preview::Text(text, whole) => {
                pre tabindex="0" aria-label={ "Content of " (T(name)) } { code { (T(text)) } }
                @if !whole { p.quiet { "This is the start of the file. Download it to see all of it." } }
            }
            Preview::Empty => p.quiet { "The file is empty." },
            Preview::Binary => p.quiet { "There is no preview of this kind of file." },
            Preview::Off => p.quiet { "This server lets clients reach artifacts in the object store alone, so there is no preview." },
        }
    }
}

fn render_table(table: &Table, name: &str) -> Markup {
    let mut left = SHOWN;
    let mut rows = Vec::new();
    for row in &table.rows {
        let cost: usize = row.iter().map(|cell| within(cell, CELL).0.len() + 30).sum();
        let Some(rest) = left.checked_sub(cost) else { break };
        left = rest;
        rows.push(row);
    }
    html! {
        div.scroll tabindex="0" role="region" aria-label={ "Content of " (T(name)) } {
            table {
                thead { tr { @for cell in &table.header { th scope="col" { bdi { (T(within(cell, CELL).0)) } } } } }
                tbody { @for row in &rows { tr { @for cell in *row { td { bdi { (T(within(cell, CELL).0)) } } } } } }
            }
        }
        @if table.more || rows.len() < table.rows.len() {
            p.quiet { "This is the start of the table. Download it to see all of it." }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(bytes: &[u8], extension: &str, cut: bool) -> String {
        render(&understand(bytes, extension, cut), "n", "/i").into_string()
    }

    #[test]
    fn files_are_understood() {
        for (bytes, extension, cut, expected) in [
            (&b"plain <b>"[..], "txt", false, "<code>plain &lt;b&gt;</code>"),
            (b"{\"a\":[1]}", "json", false, "{\n  &quot;a&quot;: [\n    1\n  ]\n}"),
            (b"{broken", "json", false, "<code>{broken</code>"),
            (b"a,b\n1,<i>", "csv", false, "<td><bdi>&lt;i&gt;</bdi></td>"),
            (b"caf\xc3", "txt", true, "<code>caf</code>"),
            (b"caf\xc3", "txt", false, "no preview"),
            (b"a\0b", "txt", false, "no preview"),
        ] {
            let found = shown(bytes, extension, cut);
            assert!(found.contains(expected), "{found}");
        }
    }

    #[test]
    fn previews_are_bounded() {
        let deep = format!("{}{}{}", "[".repeat(100), vec!["1"; 50_000].join(","), "]".repeat(100));
        let wide = format!("{}\n", vec!["<".repeat(500); 500].join(",")).repeat(200);
        for (text, extension) in [
            (deep.as_str(), "json"),
            (&"<".repeat(250_000), "txt"),
            (&wide, "csv"),
            (&"\u{202e}".repeat(80_000), "log"),
        ] {
            assert!(shown(text.as_bytes(), extension, false).len() < 70_000, "{extension}");
        }
    }

    #[test]
    fn images_are_known_by_their_names() {
        for (path, expected) in [
            ("a/b.PNG", Some("image/png")),
            ("x.svg", Some("image/svg+xml")),
            ("x.html", None),
            ("png", None),
            ("a.png/b", None),
        ] {
            assert_eq!(image_type(path), expected, "{path}");
        }
    }
}
