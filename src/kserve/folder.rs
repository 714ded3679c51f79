//! A model folder as it is found in its store.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use futures_util::TryStreamExt as _;
use ring::digest::{Context, SHA256};

use super::archive::{self, Format, Member};
use super::pack;
use crate::artifacts::path::join;
use crate::artifacts::{ArtifactStore, Artifacts, ByteStream};
use crate::error::{Error, Result};
use crate::registry::files::Place;

/// The file that makes a folder a model.
const MLMODEL: &str = "MLmodel";
/// The most files that a model may have. Their list is held in memory while the archive is sent.
const MAX_FILES: usize = 250_000;
/// Bytes of an `MLmodel` that is looked into; real ones have some thousand.
const MAX_MLMODEL: u64 = 1024 * 1024;

/// A folder with an `MLmodel` at its root.
#[derive(Debug)]
pub struct Folder {
    store: ArtifactStore,
    path: String,
    members: Vec<Member>,
}

impl Folder {
    /// Looks for a model in each of `places` and takes the first that has one. `what` names it in errors.
    ///
    /// # Errors
    ///
    /// `RESOURCE_DOES_NOT_EXIST` if none has one, saying where below one was found; `INVALID_PARAMETER_VALUE` for files
    /// that no archive can hold, too many of them, and places that this server may not read.
    pub async fn open(artifacts: &Artifacts, what: &str, places: &[Place]) -> Result<Self> {
        let mut reason = None;
        for place in places {
            let (store, path) = place.resolve(artifacts, "")?;
            let members = members(&store, &path).await?;
            if members.iter().any(|member| member.path == MLMODEL) {
                archive::check(&members)?;
                return Ok(Self { store, path, members });
            }
            // An empty place says less than one with files in it.
            if reason.is_none() || !members.is_empty() {
                reason = Some(no_model(&place.known_as, &members));
            }
        }
        let reason = reason.unwrap_or_else(|| "it has no files".to_owned());
        Err(Error::missing(format!("{what} cannot be served: {reason}")))
    }

    /// Bytes of the folder's archive.
    #[must_use]
    pub fn archive_length(&self, format: Format) -> u64 {
        format.length(&self.members)
    }

    /// A tag of the folder's archive, in quotes: SHA-256 over names, sizes and the store's own tags of the files. S3
    /// makes those of the content, a local folder of size and time of change.
    #[must_use]
    pub fn etag(&self, format: Format) -> String {
        let mut context = Context::new(&SHA256);
        let mut add = |text: &str| {
            // A length before each text, so that no two lists read the same.
            context.update(&(text.len() as u64).to_le_bytes());
            context.update(text.as_bytes());
        };
        add(format.suffix());
        for member in &self.members {
            add(&member.path);
            add(&member.size.to_string());
            add(member.etag.as_deref().unwrap_or_default());
        }
        format!("\"{}\"", URL_SAFE_NO_PAD.encode(context.finish()))
    }

    /// Path and size of each file.
    #[must_use]
    pub fn files(&self) -> impl ExactSizeIterator<Item = (&str, u64)> {
        self.members.iter().map(|member| (member.path.as_str(), member.size))
    }

    /// The folder's archive.
    #[must_use]
    pub fn into_archive(self, format: Format) -> ByteStream {
        pack::pack(self.store, self.path, self.members, format)
    }

    /// `s3://BUCKET/PREFIX/`, or `None` where the folder is not in S3. The slash keeps KServe from downloading siblings
    /// whose names begin alike.
    #[must_use]
    pub fn s3_uri(&self) -> Option<String> {
        let uri = format!("{}/", self.store.s3("A storage URI").ok()?.uri(&self.path));
        // KServe would take the rest of such a key for a query.
        Some(uri).filter(|uri| !uri.contains(['?', '#']))
    }

    /// How many files have no content. KServe passes them over when it downloads from S3.
    #[must_use]
    pub fn empty_files(&self) -> usize {
        self.members.iter().filter(|member| member.size == 0).count()
    }

    /// Whether the model says what it takes and gives. One that says so at too great length counts as saying it.
    ///
    /// # Errors
    ///
    /// Those of reading `MLmodel`.
    pub async fn has_signature(&self) -> Result<bool> {
        let size = self.members.iter().find(|member| member.path == MLMODEL).map_or(0, |member| member.size);
        if size > MAX_MLMODEL {
            return Ok(true);
        }
        let (_, content) = self.store.open(&join(&self.path, MLMODEL), None).await?;
        let chunks: Vec<_> = content.try_collect().await?;
        Ok(names_signature(&String::from_utf8_lossy(&chunks.concat())))
    }
}

async fn members(store: &ArtifactStore, path: &str) -> Result<Vec<Member>> {
    let files = store.walk(path, MAX_FILES).await?;
    Ok(files.into_iter().map(|(path, object)| Member { path, size: object.size, etag: object.etag }).collect())
}

fn no_model(place: &str, members: &[Member]) -> String {
    if members.is_empty() {
        return format!("{place} has no files");
    }
    let below = |member: &Member| member.path.strip_suffix(MLMODEL)?.strip_suffix('/').map(ToOwned::to_owned);
    let nearest = members.iter().filter_map(below).min_by_key(|folder| folder.split('/').count());
    match nearest {
        Some(folder) => {
            let found = join(place, &folder);
            format!("{place} has no MLmodel at its root; {found} has one: did you mean {found}?")
        }
        None => format!("{place} has no MLmodel at its root, nor in any folder below"),
    }
}

/// Whether an `MLmodel` has a `signature` that is not null. MLflow writes block style with plain keys, so the key begins
/// a line and its value is on the line or indented on the next.
fn names_signature(mlmodel: &str) -> bool {
    let mut lines = mlmodel.lines();
    let Some(value) = lines.find_map(|line| line.strip_prefix("signature:")) else { return false };
    match value.trim() {
        "" => lines.next().is_some_and(|line| line.starts_with([' ', '\t'])),
        value => !matches!(value, "null" | "~" | "{}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures() {
        for (mlmodel, expected) in [
            ("run_id: x\nsignature:\n  inputs: '[]'\n  outputs: null\nutc: y", true),
            ("signature: {inputs: '[]'}", true),
            ("flavors:\n  signature: x\nrun_id: y", false),
            ("signature: null\n", false),
            ("signature: ~", false),
            ("signature:\nutc: x", false),
            ("signature:", false),
            ("signatures:\n  x: y", false),
            ("", false),
        ] {
            assert_eq!(names_signature(mlmodel), expected, "{mlmodel:?}");
        }
    }

    #[test]
    fn where_a_model_was_found_is_said() {
        let member = |path: &str| Member { path: path.to_owned(), size: 1, etag: None };
        for (paths, expected) in [
            (&[][..], "s3://b/r has no files"),
            (&["a", "b/c"][..], "s3://b/r has no MLmodel at its root, nor in any folder below"),
            (&["aMLmodel", "b/xMLmodel"][..], "s3://b/r has no MLmodel at its root, nor in any folder below"),
            (
                &["a/b/MLmodel", "model/MLmodel", "other/MLmodel"][..],
                "s3://b/r has no MLmodel at its root; s3://b/r/model has one: did you mean s3://b/r/model?",
            ),
        ] {
            let members: Vec<_> = paths.iter().map(|path| member(path)).collect();
            assert_eq!(no_model("s3://b/r", &members), expected);
        }
    }

    #[test]
    fn tags_tell_folders_apart() {
        let member = |path: &str, size, etag: &str| Member { path: path.into(), size, etag: Some(etag.into()) };
        let tag = |members: Vec<Member>, format| {
            let settings = crate::artifacts::Settings { destination: Some("/srv".to_owned()), ..Default::default() };
            let store = Artifacts::new(settings).unwrap().proxied().unwrap();
            Folder { store, path: String::new(), members }.etag(format)
        };
        let one = tag(vec![member("a", 1, "x")], Format::TarGz);
        assert_eq!(one, tag(vec![member("a", 1, "x")], Format::TarGz));
        assert_eq!((one.len(), one.starts_with('"')), (45, true));
        for (members, format) in [
            (vec![member("a", 1, "x")], Format::Zip),
            (vec![member("b", 1, "x")], Format::TarGz),
            (vec![member("a", 2, "x")], Format::TarGz),
            (vec![member("a", 1, "y")], Format::TarGz),
            (vec![member("a", 1, "x"), member("b", 0, "")], Format::TarGz),
            (vec![member("a1", 1, "x")], Format::TarGz),
        ] {
            assert_ne!(one, tag(members.clone(), format), "{members:?}");
        }
    }
}
