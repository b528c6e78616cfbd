#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;

use super::*;

fn read(html: &[u8]) -> Page {
    Page::read(&Url::parse("https://as.example/a/page?x=1").unwrap(), html)
}

#[test]
fn the_title_and_what_the_page_complains_about_are_read() {
    let page = read(
        b"<!DOCTYPE html><HTML><HEAD><TITLE>\n Sign &amp; in </TITLE></HEAD><body>\
          <div role=ALERT>Wrong <b>password</b><br>or <div>name.</div></div> not this \
          <p class='field error'>Too short</p><span class=form-error></span>\
          <svg><title>Logo</title></svg><p class=terror>no</p>\
          <div class=alert-danger>open to the end<script>var x = '</div>'</script>",
    );
    assert_eq!(page.title, "Sign & in");
    assert_eq!(
        page.alerts,
        ["Wrong password or name.", "Too short", "open to the end"]
    );
    assert!(page.scripts);
}

#[test]
fn a_form_ends_where_it_ends() {
    let page = read(
        b"<form id=a><input name=1><form id=b><input name=2></form><input name=3>\
          <form id=c><input name=4></form></form><input name=5>",
    );
    let names: Vec<(&str, Vec<&str>)> = page
        .forms
        .iter()
        .map(|form| {
            let names = form.controls.iter().map(|control| control.name.as_str());
            (form.id.as_str(), names.collect())
        })
        .collect();
    assert_eq!(names, [("a", vec!["1", "2"]), ("c", vec!["4"])]);
}

#[test]
fn markup_within_text_is_text_and_within_noscript_is_markup() {
    let page = read(
        b"<textarea><form></textarea><title><form></title><style><form></style>\
          <xmp><form></xmp><noscript><form id=n></form></noscript>",
    );
    assert_eq!(page.forms.len(), 1);
    assert_eq!(page.forms[0].id, "n");
}

#[test]
fn a_refresh_is_read_in_all_its_spellings() {
    let base = Url::parse("https://as.example/a/page").unwrap();
    for (text, seconds, url) in [
        ("0;url=/next", 0, "https://as.example/next"),
        (
            " 5 ; URL = 'next?a=1;b' x",
            5,
            "https://as.example/a/next?a=1;b",
        ),
        ("0.5, url=\"n\"", 0, "https://as.example/a/n"),
        (".5;n", 0, "https://as.example/a/n"),
        ("1;https://b.example/", 1, "https://b.example/"),
    ] {
        let (known, to) = refresh(text, &base).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((known, to.as_str()), (seconds, url), "{text}");
    }
    for text in [
        "",
        "5",
        "5;",
        "x;url=/y",
        "99999999999999999999;url=/y",
        "0;url",
    ] {
        assert_eq!(refresh(text, &base), None, "{text}");
    }
    let page = read(b"<META HTTP-EQUIV=Refresh CONTENT='0;URL=/next'>");
    assert_eq!(page.refresh.unwrap().1.path(), "/next");
}

/// Pieces of which pages are made, and such as none should be made of.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "<form action='",
        "<form>",
        "</form>",
        "<input name=a type=",
        "password>",
        "<select name=s>",
        "<option selected>",
        "</select>",
        "<textarea>",
        "</textarea>",
        "<button formaction=x>",
        "</button>",
        "<template>",
        "</template>",
        "<div role=alert>",
        "</div>",
        "<fieldset disabled>",
        "</fieldset>",
        "<base href=//[>",
        "<meta http-equiv=refresh content='0;url=",
        "'>",
        "\"",
        ">",
        "<!--",
        "-->",
        "<![CDATA[",
        "&amp",
        "&#x110000;",
        "&#0;",
        "<script>",
        "</script>",
        "<title>",
        "</title x=1 x=2>",
        "<a b b=c B=d>",
        "<plaintext>",
        "\0",
        "é",
        "<p form=a form=b",
    ]);
    prop_oneof![
        known.prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..12),
    ]
}

proptest! {
    #[test]
    fn whatever_the_bytes_are_a_page_comes_of_them(pieces in prop::collection::vec(piece(), 0..40)) {
        let page = read(&pieces.concat());
        for form in &page.forms {
            for button in (0..form.controls.len()).map(Some).chain([None]) {
                let _ = form.submission(button, &page.url, &page.base);
            }
        }
    }

    #[test]
    fn whatever_a_refresh_says_it_is_read(text in ".{0,40}", more in "[0-9.;, urlURL='\"é]{0,20}") {
        let base = Url::parse("https://as.example/").unwrap();
        let _ = refresh(&text, &base);
        let _ = refresh(&more, &base);
    }
}

#[test]
fn links_are_read_with_what_they_say() {
    let page = read(
        b"<base href=/b/><a href='yes?x=1' id=go><b>Allow</b> it</a> or <a name=x>nothing</a> \
          <script>'<a href=/no>'</script><a href='//other.example/'>leave</a>",
    );
    let links: Vec<(&str, &str, &str)> = page
        .links
        .iter()
        .map(|link| (link.to.as_str(), link.id.as_str(), link.label.as_str()))
        .collect();
    assert_eq!(
        links,
        [
            ("https://as.example/b/yes?x=1", "go", "Allow it"),
            ("https://other.example/", "", "leave")
        ]
    );
}
