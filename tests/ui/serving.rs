//! What of a bundle is served, and how.

use std::fs;
use std::os::unix::fs::symlink;

use tracklet::config::Ui;
use tracklet::server::Running;

use super::{PAGE, bundle};
use crate::support::http::{ask, get};
use crate::support::{Folder, start};

async fn serving(folder: &Folder, prefix: &str) -> Running {
    let bundle = bundle(folder);
    start(folder, |config| {
        config.ui = Ui::Folder(bundle);
        prefix.clone_into(&mut config.static_prefix);
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn files_come_with_mlflows_headers() {
    let folder = Folder::new();
    let server = serving(&folder, "").await;
    let (page, file) = ("no-cache", "public, max-age=2419200");
    for (path, media_type, name, caching, body) in [
        ("/", "text/html; charset=utf-8", "index.html", page, PAGE),
        ("/static-files/index.html", "text/html; charset=utf-8", "index.html", file, PAGE),
        ("/static-files/static/js/main.1.js", "text/javascript; charset=utf-8", "main.1.js", file, "let main = 1;"),
        ("/static-files/static/js/big.3.js", "text/javascript; charset=utf-8", "big.3.js", file, "let big = 3;"),
        (
            "/static-files/static/js/pdf.worker.mjs",
            "text/javascript; charset=utf-8",
            "pdf.worker.mjs",
            file,
            "export {};",
        ),
        ("/static-files/static/css/main.2.css", "text/css; charset=utf-8", "main.2.css", file, "p {}"),
        ("/static-files/favicon.ico", "image/vnd.microsoft.icon", "favicon.ico", file, "icon"),
        ("/build/favicon.ico", "image/vnd.microsoft.icon", "favicon.ico", page, "icon"),
        ("/static-files/static/media/a%20b.svg", "image/svg+xml; charset=utf-8", "", file, "<svg/>"),
    ] {
        let disposition = if name.is_empty() { "inline".to_owned() } else { format!("inline; filename={name}") };
        for method in ["GET", "HEAD"] {
            let answer = ask(server.address(), method, path, &[]).await;
            assert_eq!(answer.status, 200, "{method} {path}");
            let expected = [
                ("content-type", media_type.to_owned()),
                ("content-disposition", disposition.clone()),
                ("cache-control", caching.to_owned()),
                ("content-length", body.len().to_string()),
                ("x-content-type-options", "nosniff".to_owned()),
                ("x-frame-options", "SAMEORIGIN".to_owned()),
            ];
            for (header, value) in expected {
                assert_eq!(answer.header(header), Some(value), "{method} {path} {header}");
            }
            assert_eq!(answer.header("content-encoding"), None);
            assert!(answer.header("etag").is_some_and(|tag| tag.starts_with('"')), "{path}");
            assert!(answer.header("last-modified").is_some_and(|date| date.ends_with("GMT")), "{path}");
            assert!(answer.header("vary").is_some_and(|vary| vary.contains("accept-encoding")), "{path}");
            assert_eq!(answer.body, if method == "GET" { body } else { "" });
        }
    }
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn notebooks_may_show_their_page_in_a_frame() {
    let folder = Folder::new();
    let server = serving(&folder, "/p").await;
    for prefix in ["", "/p"] {
        let path = format!("{prefix}/static-files/lib/notebook-trace-renderer/index.html");
        let answer = get(server.address(), &path).await;
        assert_eq!((answer.status, answer.header("x-frame-options")), (200, None), "{path}");
    }
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_browser_has_is_not_sent_again() {
    let folder = Folder::new();
    let server = serving(&folder, "").await;
    for path in ["/", "/static-files/static/js/main.1.js"] {
        let first = get(server.address(), path).await;
        let (tag, date) = (first.header("etag").expect("a tag"), first.header("last-modified").expect("a date"));
        for (header, value, status) in [
            ("If-None-Match", tag.clone(), 304),
            ("If-None-Match", format!("\"x\", W/{tag}"), 304),
            ("If-None-Match", "\"x\"".to_owned(), 200),
            ("If-Modified-Since", date.clone(), 304),
            ("If-Modified-Since", "Mon, 01 Jan 2001 00:00:00 GMT".to_owned(), 200),
        ] {
            let answer = ask(server.address(), "GET", path, &[(header, &value)]).await;
            assert_eq!(answer.status, status, "{path} {header}: {value}");
            assert_eq!(answer.header("etag").as_ref(), Some(&tag));
            assert_eq!(answer.header("cache-control"), first.header("cache-control"));
            assert_eq!(answer.body.is_empty(), status == 304);
        }
    }
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_twins_are_for_those_who_take_them() {
    let folder = Folder::new();
    let server = serving(&folder, "").await;
    let path = "/static-files/static/js/big.3.js";
    let plain = get(server.address(), path).await;
    for (accept, body, encoding) in [
        ("gzip, deflate, br", "the gzip twin", Some("gzip")),
        ("gzip;q=0", "let big = 3;", None),
        ("br", "let big = 3;", None),
    ] {
        let answer = ask(server.address(), "GET", path, &[("Accept-Encoding", accept)]).await;
        assert_eq!((answer.body.as_str(), answer.header("content-encoding").as_deref()), (body, encoding), "{accept}");
        assert_eq!(answer.header("content-type"), plain.header("content-type"));
        assert_eq!(answer.header("content-disposition"), plain.header("content-disposition"));
        // A cache must not take one for the other.
        assert_eq!(answer.header("etag") == plain.header("etag"), encoding.is_none(), "{accept}");
    }
    let without =
        ask(server.address(), "GET", "/static-files/static/js/main.1.js", &[("Accept-Encoding", "gzip")]).await;
    assert_eq!((without.body.as_str(), without.header("content-encoding")), ("let main = 1;", None));
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_leaves_the_folder() {
    let folder = Folder::new();
    let server = serving(&folder, "").await;
    let build = folder.path().join("build");
    symlink(folder.path().join("secret.txt"), build.join("link.txt")).expect("a link");
    symlink(folder.path(), build.join("up")).expect("a link");
    fs::create_dir(build.join("empty")).expect("a folder");
    let absolute = format!("/static-files/{}", folder.path().join("secret.txt").display());
    for path in [
        "/static-files/link.txt",
        "/static-files/up/secret.txt",
        "/static-files/../secret.txt",
        "/static-files/static/../../secret.txt",
        "/static-files/%2e%2e/secret.txt",
        "/static-files/..%2fsecret.txt",
        "/static-files/..%5csecret.txt",
        "/static-files/%252e%252e/secret.txt",
        "/static-files/static/%2e%2e/index.html",
        "/static-files/%00",
        "/static-files/index.html%00.js",
        "/static-files/.tracklet-ui.json",
        "/static-files/",
        "/static-files/static",
        "/static-files/static/",
        "/static-files/empty",
        "/static-files//index.html",
        "/static-files/index.html/",
        "/static-files/index.html/x",
        "/static-files/nothing.js",
        "/index.html",
        absolute.as_str(),
    ] {
        for accept in ["", "gzip"] {
            let answer = ask(server.address(), "GET", path, &[("Accept-Encoding", accept)]).await;
            assert_eq!(answer.status, 404, "{path}: {answer:?}");
            assert!(!answer.body.contains("secret"), "{path}");
        }
    }
    for method in ["POST", "DELETE"] {
        let answer = ask(server.address(), method, "/static-files/favicon.ico", &[("Content-Length", "0")]).await;
        assert_eq!(answer.status, 405, "{method}");
    }
    server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_leads_to_its_folder() {
    let folder = Folder::new();
    let server = serving(&folder, "/a/b").await;
    for (path, location) in [("/a/b", "./b/"), ("/a/b?x=1&y=%2F", "./b/?x=1&y=%2F")] {
        for method in ["GET", "HEAD"] {
            let answer = ask(server.address(), method, path, &[]).await;
            assert_eq!((answer.status, answer.header("location").as_deref()), (308, Some(location)), "{path}");
        }
    }
    for path in ["/a/b/", "/"] {
        assert_eq!(get(server.address(), path).await.body, PAGE, "{path}");
    }
    assert_eq!(get(server.address(), "/a/b/static-files/favicon.ico").await.body, "icon");
    assert_eq!(get(server.address(), "/a").await.status, 404);
    server.stop().await.expect("a clean stop");
}
