//! `tokenspec lint`.

use std::path::Path;

use super::prepare::Problem;
use super::{Console, LintArgs, OK};
use crate::catalogue::{Catalogue, embedded, read_folder};

/// Checks case files, and tells every mistake of all of them.
pub fn lint(args: &LintArgs, console: &mut Console<'_>) -> Result<u8, Problem> {
    // Beside a checkout, its files are meant, not the compiled ones.
    let path = args.path.clone().or_else(|| {
        let cases = Path::new("cases");
        cases
            .join("requirements")
            .is_dir()
            .then(|| cases.to_owned())
    });
    let files = match &path {
        None => embedded(),
        Some(path) => {
            let read = read_folder(path).map_err(Problem::Said)?;
            if read.is_empty() {
                return Err(Problem::Said(format!(
                    "there is no case file in {}",
                    path.display()
                )));
            }
            if read
                .iter()
                .any(|file| file.path.starts_with("requirements/"))
            {
                read
            } else {
                // A vendor's own cases cite the requirements that come with tokenspec.
                let mut files = embedded();
                files.retain(|known| read.iter().all(|file| !known.path.ends_with(&file.path)));
                files.extend(read);
                files
            }
        }
    };
    let catalogue = Catalogue::read(&files, true)?;
    console.say(format!(
        "{}: {} requirements of {} documents, {} cases in {} suites, {} profiles: no mistakes",
        path.map_or("the built-in cases".to_owned(), |path| path
            .display()
            .to_string()),
        catalogue.requirements.len(),
        catalogue.documents.len(),
        catalogue.cases().count(),
        catalogue.suites.len(),
        catalogue.profiles.len(),
    ));
    Ok(OK)
}
