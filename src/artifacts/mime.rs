//! The content type of an artifact, guessed from its name as MLflow guesses it.

/// Python's built-in table, and WebP, which it has since 3.13: a type and its extensions on each line.
const TYPES: &str = include_str!("mime_types.txt");

/// Extensions, and names without one, that are shown as text whatever their own type.
const TEXT: [&str; 26] = [
    "txt",
    "log",
    "err",
    "cfg",
    "conf",
    "cnf",
    "cf",
    "ini",
    "properties",
    "prop",
    "hocon",
    "toml",
    "yaml",
    "yml",
    "xml",
    "json",
    "js",
    "py",
    "py3",
    "csv",
    "tsv",
    "md",
    "rst",
    "ipynb",
    "MLmodel",
    "mlproject",
];

const BINARY: &str = "application/octet-stream";

/// The type that a download is sent with. Text formats are `text/plain`, the unknown `application/octet-stream`.
#[must_use]
pub fn download_type(path: &str) -> &'static str {
    let name = name_of(path);
    let (_, extension) = split_extension(name);
    let extension = extension.replace('.', "");
    if TEXT.contains(&if extension.is_empty() { name } else { extension.as_str() }) {
        return "text/plain";
    }
    stored_type(path).unwrap_or(BINARY)
}

/// The type that an object is stored with in S3; `None` leaves it to the store.
#[must_use]
pub(super) fn stored_type(path: &str) -> Option<&'static str> {
    let (stem, extension) = split_extension(name_of(path));
    let (extension, stem) = match extension.to_ascii_lowercase().as_str() {
        ".svgz" => (".svg".to_owned(), stem),
        ".tgz" | ".taz" | ".tz" | ".tbz2" | ".txz" => (".tar".to_owned(), stem),
        _ => (extension.to_owned(), stem),
    };
    // A compressed file has the type of what is inside.
    let extension = match extension.as_str() {
        ".gz" | ".Z" | ".bz2" | ".xz" | ".br" => split_extension(stem).1.to_owned(),
        _ => extension,
    };
    let extension = extension.strip_prefix('.')?;
    lookup(extension).or_else(|| lookup(&extension.to_ascii_lowercase()))
}

fn lookup(extension: &str) -> Option<&'static str> {
    TYPES.lines().find_map(|line| {
        let mut words = line.split(' ');
        let mime_type = words.next()?;
        words.any(|word| word == extension).then_some(mime_type)
    })
}

fn name_of(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

/// Splits before the last dot, which must not belong to the dots that a name starts with.
fn split_extension(name: &str) -> (&str, &str) {
    let leading = name.len() - name.trim_start_matches('.').len();
    match name.rfind('.') {
        Some(dot) if dot > leading => name.split_at(dot),
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from MLflow 3.18.0's `_guess_mime_type` without `/etc/mime.types`.
    #[test]
    fn types_are_guessed_as_mlflow_does() {
        let table: Vec<(String, String)> = serde_json::from_str(include_str!("testdata/mime_types.json")).unwrap();
        assert!(table.len() > 120);
        for (name, expected) in table {
            assert_eq!(download_type(&name), expected, "{name:?}");
        }
    }

    #[test]
    fn model_files_stay_binary() {
        for name in ["model.pkl", "weights.pt", "model.joblib", "model.onnx", "data.parquet", "x.npy", "m.safetensors"]
        {
            assert_eq!(download_type(name), BINARY, "{name}");
        }
    }
}
