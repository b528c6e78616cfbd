//! `${NAME}` in the texts of a configuration.

/// Replaces every `${NAME}` by what `lookup` says, and tells the names that it does not know.
/// `$${` stands for `${`.
pub fn expand(
    text: &str,
    lookup: &dyn Fn(&str) -> Option<String>,
    unset: &mut Vec<String>,
) -> String {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            expanded.push_str(&rest[..at]);
            expanded.push('{');
            rest = &rest[at + 2..];
            continue;
        }
        expanded.push_str(&rest[..at]);
        let after = &rest[at + 2..];
        let Some(end) = after.find('}') else {
            expanded.push_str("${");
            rest = after;
            continue;
        };
        let name = &after[..end];
        match lookup(name) {
            Some(value) => expanded.push_str(&value),
            None if unset.iter().any(|known| known == name) => {}
            None => unset.push(name.to_owned()),
        }
        rest = &after[end + 1..];
    }
    expanded.push_str(rest);
    expanded
}

/// The same in every text of a value.
pub fn expand_all(
    value: &mut toml::Value,
    lookup: &dyn Fn(&str) -> Option<String>,
    unset: &mut Vec<String>,
) {
    match value {
        toml::Value::String(text) => *text = expand(text, lookup, unset),
        toml::Value::Array(items) => {
            for item in items {
                expand_all(item, lookup, unset);
            }
        }
        toml::Value::Table(table) => {
            for (_, item) in table.iter_mut() {
                expand_all(item, lookup, unset);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_and_unknown_ones_told_once() {
        let lookup = |name: &str| (name == "A").then(|| "1".to_owned());
        let mut unset = Vec::new();
        assert_eq!(expand("<${A}>${B}${B}", &lookup, &mut unset), "<1>");
        assert_eq!(unset, ["B"]);
        assert_eq!(
            expand("$${A} ${open", &lookup, &mut Vec::new()),
            "${A} ${open"
        );
    }
}
