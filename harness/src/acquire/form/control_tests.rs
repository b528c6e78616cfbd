#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use url::Url;

use super::super::choose;
use super::super::page::Page;
use super::*;

fn read(html: &str) -> Page {
    let url = Url::parse("https://as.example/a/login?x=1#f").unwrap();
    Page::read(&url, html.as_bytes())
}

fn pairs(html: &str, button: Option<usize>) -> Vec<String> {
    let page = read(html);
    let fields = page.forms[0].fields(button);
    fields.iter().map(|(n, v)| format!("{n}={v}")).collect()
}

fn submit(html: &str, button: Option<usize>) -> Submission {
    let page = read(html);
    let form = &page.forms[0];
    form.submission(button, &page.url, &page.base).unwrap()
}

fn body(html: &str, button: Option<usize>) -> String {
    String::from_utf8(submit(html, button).body.unwrap()).unwrap()
}

#[test]
fn every_control_is_submitted_as_a_browser_does() {
    let html = "<form>
        <input name=plain value='a&amp;b &quot;c&quot; &#xe9;'>
        <input type=hidden name=csrf value=t1&#x2F;2>
        <input type=checkbox name=off><input type=checkbox name=on checked>
        <input type=checkbox name=val value=v checked>
        <input type=radio name=r value=1><input type=radio name=r value=2 checked>
        <input name=gone value=x disabled>
        <fieldset disabled><input name=inner value=x></fieldset>
        <input value=nameless>
        <input type=submit name=go value=Go><input type=reset name=reset value=R>
        <button type=button name=js value=1>JS</button>
        <select name=first><option>one  two<option value=2>Two</select>
        <select name=chosen><option value=a>A<option value=' b ' selected>B</option></select>
        <select name=closed><option value='' disabled>choose<option value=x>X</select>
        <select name=many multiple><option value=1 selected>1<option value=2 selected>2</select>
        <select name=none multiple><option value=1>1</select>
        <textarea name=area>\n one &lt;b&gt;\ntwo</textarea>
        <input type=file name=file>
        <input type=hidden name=_charset_>
        </form>";
    assert_eq!(
        pairs(html, None),
        [
            "plain=a&b \"c\" é",
            "csrf=t1/2",
            "on=on",
            "val=v",
            "r=2",
            "first=one two",
            "chosen= b ",
            "closed=x",
            "many=1",
            "many=2",
            "area= one <b>\r\ntwo",
            "file=",
            "_charset_=UTF-8",
        ]
    );
}

#[test]
fn only_the_button_that_is_clicked_is_submitted() {
    let html = "<form><button name=a value=1>A</button><input type=image name=map>\
                <input type=image><button name=b>B</button></form>";
    assert!(pairs(html, None).is_empty());
    assert_eq!(pairs(html, Some(0)), ["a=1"]);
    assert_eq!(pairs(html, Some(1)), ["map.x=1", "map.y=1"]);
    assert_eq!(pairs(html, Some(2)), ["x=1", "y=1"]);
    assert_eq!(pairs(html, Some(3)), ["b="]);
}

#[test]
fn action_method_and_enctype_are_heeded() {
    let to = |html: &str, button| submit(html, button).url.to_string();
    let post = "<form method=post";
    let here = "https://as.example/a/login?x=1";
    assert_eq!(to(&format!("{post}></form>"), None), here);
    assert_eq!(to(&format!("{post} action=''></form>"), None), here);
    assert_eq!(
        to(&format!("{post} action=' next?y=2#z '></form>"), None),
        "https://as.example/a/next?y=2"
    );
    assert_eq!(
        to(&format!("{post} action='?y'></form>"), None),
        "https://as.example/a/login?y"
    );
    assert_eq!(
        to(
            &format!("<base href='/b/'>{post} action=next></form>"),
            None
        ),
        "https://as.example/b/next"
    );
    assert_eq!(
        to(&format!("{post} action=//idp.example/x></form>"), None),
        "https://idp.example/x"
    );
    let button = "<FORM METHOD=GET ACTION=/one><INPUT NAME=q VALUE='a b'>\
                  <BUTTON FORMACTION=/two FORMMETHOD=POST>Go</BUTTON></FORM>";
    let clicked = submit(button, Some(1));
    assert_eq!((clicked.method, clicked.url.path()), ("POST", "/two"));
    assert_eq!(body(button, Some(1)), "q=a+b");
    let by_get = submit(button, None);
    assert_eq!(by_get.url.as_str(), "https://as.example/one?q=a+b");
    assert!(by_get.body.is_none());
    let plain = "<form method=post enctype=text/plain><input name=a value=1></form>";
    assert_eq!(body(plain, None), "a=1\r\n");
    let multipart = "<form method=post enctype=Multipart/Form-Data><input name='a\"b' value=1>\
                     <input type=file name=f></form>";
    let sent = submit(multipart, None);
    let kind = sent.content_type.unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    assert_eq!(
        String::from_utf8(sent.body.unwrap()).unwrap(),
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\n1\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"f\"; filename=\"\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n\r\n--{boundary}--\r\n"
        )
    );
}

#[test]
fn a_form_that_sends_to_nowhere_is_none() {
    for html in [
        "<form action='javascript:void(0)'></form>",
        "<form action='mailto:a@b.example'></form>",
        "<form action='http://['></form>",
        "<form method=dialog></form>",
    ] {
        let page = read(html);
        let form = &page.forms[0];
        assert!(
            form.submission(None, &page.url, &page.base).is_none(),
            "{html}"
        );
    }
}

/// The form, and the names of the fields for name and password.
fn login(html: &str, more: &str) -> Option<(usize, String, String)> {
    let page = read(html);
    let found = choose::login_form(&page, &configured(more))?;
    let form = &page.forms[found.form];
    let name = |index: Option<usize>| {
        index.map_or(String::new(), |index| form.controls[index].name.clone())
    };
    Some((found.form, name(found.username), name(found.password)))
}

fn configured(more: &str) -> crate::config::Login {
    let text = format!(
        "[target.t]\ntoken-endpoint = \"https://as.example/token\"\n[target.t.login]\nvia = \"form\"\n\
         username = \"alice\"\npassword = \"a password\"\n{more}"
    );
    let config = crate::config::Config::parse("test", text, ".".into()).unwrap();
    config.target(None, &|_| None).unwrap().login.unwrap()
}

#[test]
fn the_login_form_is_found() {
    let is = |html: &str, form: usize, username: &str, password: &str| {
        let found = login(html, "");
        assert_eq!(
            found,
            Some((form, username.to_owned(), password.to_owned())),
            "{html}"
        );
    };
    is(
        "<form role=search><input name=q></form><form><input type=hidden name=h><input name=who>\
         <input type=password name=pw></form>",
        1,
        "who",
        "pw",
    );
    // Email and password beside another field; fields by autocomplete first.
    is(
        "<form><input name=tenant><input name=e type=email><input type=password name=p></form>",
        0,
        "e",
        "p",
    );
    is(
        "<form><input name=user><input name=x autocomplete='section-a username'>\
         <input type=password name=p></form>",
        0,
        "x",
        "p",
    );
    // A registration is none.
    is(
        "<form><input name=email><input type=password name=new autocomplete=new-password>\
         <input type=password name=again autocomplete=new-password></form>\
         <form><input name=email2><input type=password name=p></form>",
        1,
        "email2",
        "p",
    );
    // In a table, across which a tree would move the form.
    is(
        "<table><form><tr><td><input name=user><tr><td><input type=password name=p></form></table>",
        0,
        "user",
        "p",
    );
    // By the form attribute, from anywhere.
    is(
        "<input form=f name=login><form id=f></form><input form=f type=password name=p>",
        0,
        "login",
        "p",
    );
    // The name first.
    is(
        "<form><input name=q></form><form><input type=email name=e></form>",
        1,
        "e",
        "",
    );
    is(
        "<form><input name=identifier><button>Next</button></form>",
        0,
        "identifier",
        "",
    );
    // The password after it, beside the name that was given.
    is(
        "<form><input name=user readonly value=alice><input type=password name=p></form>",
        0,
        "",
        "p",
    );
    assert_eq!(login("<form><input name=q></form>", ""), None);
    assert_eq!(
        login(
            "<template><form><input type=password name=p></form></template>",
            ""
        ),
        None
    );
    assert_eq!(
        login("<!-- <form><input type=password name=p></form> -->", ""),
        None
    );
    assert_eq!(
        login("<script>'<form><input type=password>'</script>", ""),
        None
    );
}

#[test]
fn fields_can_be_named() {
    let html =
        "<form><input name=a><input name=b><input name=c><input type=password name=p></form>";
    let more = "username-field = \"a\"\npassword-field = \"c\"";
    assert_eq!(login(html, more), Some((0, "a".into(), "c".into())));
    let more = "username-field = \"b\"";
    let html = "<form><input name=b></form>";
    assert_eq!(login(html, more), Some((0, "b".into(), String::new())));
}

/// What the button that consents is called.
fn consent(html: &str, more: &str) -> Option<String> {
    let page = read(html);
    let (form, button) = choose::consent_button(&page, &configured(more))?;
    Some(page.forms[form].controls[button].shown().to_owned())
}

#[test]
fn the_button_that_says_yes_is_found() {
    let yes = |html: &str, shown: &str| {
        assert_eq!(consent(html, "").as_deref(), Some(shown), "{html}");
    };
    yes(
        "<form><button>Deny</button><button>Allow access</button></form>",
        "Allow access",
    );
    yes(
        "<form><button>Don't allow</button><input type=submit value=Yes></form>",
        "Yes",
    );
    yes(
        "<form><button name=consent value=no>Nein</button><button name=consent value=yes>Ja</button></form>",
        "Ja",
    );
    yes(
        "<form action=/logout><button>Continue</button></form><form><button>Continue!</button></form>",
        "Continue!",
    );
    yes("<form><button>Weiter</button></form>", "Weiter");
    yes(
        "<form><button><b>I</b> <i>agree</i></button></form>",
        "I agree",
    );
    for html in [
        "<form><button>Log out</button></form>",
        "<form><button>Eins</button><button>Zwei</button></form>",
        "<form><input name=otp><button>Continue</button></form>",
        "<form><button disabled>Allow</button></form>",
    ] {
        assert_eq!(consent(html, ""), None, "{html}");
    }
    let two = "<form><button>Allow</button><button name=b value=zwei>Zwei</button></form>";
    for name in ["b", "zwei", "ZWEI"] {
        let more = format!("consent-button = \"{name}\"");
        assert_eq!(consent(two, &more).as_deref(), Some("Zwei"), "{name}");
    }
    assert_eq!(consent(two, "consent-button = \"Drei\""), None);
}

#[test]
fn the_login_is_submitted_with_its_own_button() {
    let button = |html: &str| {
        let page = read(html);
        let form = &page.forms[0];
        choose::enter_button(form).map(|index| form.controls[index].shown().to_owned())
    };
    assert_eq!(
        button(
            "<form><button>Sign in with Example</button><button>Cancel</button><button>Sign in</button></form>"
        ),
        Some("Sign in".into())
    );
    assert_eq!(
        button("<form><button>Los</button><button>Zurück</button></form>"),
        Some("Los".into())
    );
    assert_eq!(button("<form><input></form>"), None);
}
