//! The stylesheet, the script and the icon, compiled in. Their names change with their content, so caches keep them for
//! good.

use std::fmt::Write as _;
use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpResponse, web};

/// A file that pages refer to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Asset {
    /// The one stylesheet.
    Style,
    /// The one script, which adds comfort alone.
    Script,
    /// The program's mark.
    Icon,
}

const ALL: [Asset; 3] = [Asset::Style, Asset::Script, Asset::Icon];

static NAMES: LazyLock<[String; 3]> = LazyLock::new(|| ALL.map(Asset::named));

impl Asset {
    const fn content(self) -> (&'static str, &'static str, &'static str, &'static str) {
        match self {
            Self::Style => ("style", "css", "text/css; charset=utf-8", include_str!("style.css")),
            Self::Script => ("script", "js", "text/javascript; charset=utf-8", include_str!("script.js")),
            Self::Icon => ("icon", "svg", "image/svg+xml", include_str!("icon.svg")),
        }
    }

    fn named(self) -> String {
        let (stem, extension, _, text) = self.content();
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        let mut name = format!("{stem}-");
        for byte in digest.as_ref().iter().take(6) {
            let _ = write!(name, "{byte:02x}");
        }
        format!("{name}.{extension}")
    }

    /// The name below `/tracklet/static/`.
    pub(crate) fn name(self) -> &'static str {
        let [style, script, icon] = &*NAMES;
        match self {
            Self::Style => style,
            Self::Script => script,
            Self::Icon => icon,
        }
    }
}

/// `GET /tracklet/static/{name}`
pub async fn asset(name: web::Path<String>) -> HttpResponse {
    let Some(asset) = ALL.into_iter().find(|asset| asset.name() == name.as_str()) else {
        return HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("No such file.");
    };
    let (_, _, content_type, text) = asset.content();
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; sandbox"))
        .body(text)
}
