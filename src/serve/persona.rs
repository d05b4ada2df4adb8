//! Who the assistant can be: one TOML file each, some inside the program, more in a folder of the
//! user. A file of the user with the name of a built-in one takes its place.

use super::error::ServeError;
use crate::core::words::{Lang, Word, fill};
use std::path::PathBuf;
use toml_edit::{Document, Item};

/// The personas that come with the program.
const BUILT_IN: [(&str, &str); 3] = [
    (
        "friendly",
        include_str!("../../assets/personas/friendly.toml"),
    ),
    (
        "professional",
        include_str!("../../assets/personas/professional.toml"),
    ),
    (
        "health_assistant",
        include_str!("../../assets/personas/health_assistant.toml"),
    ),
];

/// One persona.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Persona {
    /// The name of its file.
    pub id: String,
    pub name: Told,
    pub description: Told,
    /// What the brain is told to be.
    pub instructions: Told,
}

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    en: String,
    zh: String,
}

impl Told {
    /// The text in a language.
    pub fn text(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}

/// All personas, the built-in ones first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Personas(Vec<Persona>);

impl Default for Personas {
    fn default() -> Self {
        let built_in = BUILT_IN
            .iter()
            .map(|(id, text)| read(id, text).expect("a test reads the personas of the program"));
        Self(built_in.collect())
    }
}

impl Personas {
    /// The built-in personas with those of the user's files, each a name, a path and its text or
    /// why it cannot be read; and a sentence about every file that is none.
    pub fn load(
        files: impl IntoIterator<Item = (String, PathBuf, Result<String, String>)>,
        lang: Lang,
    ) -> (Self, Vec<String>) {
        let (mut personas, mut warnings) = (Self::default(), vec![]);
        for (id, path, text) in files {
            match text
                .map_err(|why| (1, why))
                .and_then(|text| read(&id, &text))
            {
                Ok(persona) => personas.add(persona),
                Err((line, why)) => {
                    let (path, line) = (path.display().to_string(), line.to_string());
                    warnings.push(fill(Word::DoubtPersona.text(lang), &[&path, &line, &why]));
                }
            }
        }
        (personas, warnings)
    }

    fn add(&mut self, persona: Persona) {
        match self.0.iter_mut().find(|known| known.id == persona.id) {
            Some(known) => *known = persona,
            None => self.0.push(persona),
        }
    }

    /// What people call each, beside its id.
    pub fn names(&self, lang: Lang) -> Vec<(String, String)> {
        let named = self.0.iter();
        let named = named.map(|one| (one.id.clone(), one.name.text(lang).to_owned()));
        named.collect()
    }

    /// The persona of that name; the first one when none is named.
    pub(super) fn get(&self, id: Option<&str>) -> Result<&Persona, ServeError> {
        let Some(id) = id else {
            return Ok(self.0.first().expect("the program brings some along"));
        };
        self.0
            .iter()
            .find(|persona| persona.id == id)
            .ok_or_else(|| ServeError::PersonaUnknown {
                persona: super::budget::beginning(id, 100).to_owned(),
                nearest: self.nearest(id).map(str::to_owned),
                known: self.0.iter().map(|known| known.id.clone()).collect(),
            })
    }

    fn nearest(&self, id: &str) -> Option<&str> {
        // Nobody mistypes a page, and comparing one takes its time.
        let close = self
            .0
            .iter()
            .filter(|_| id.len() < 100)
            .filter_map(|persona| {
                let distance = strsim::damerau_levenshtein(&persona.id, id);
                (distance <= 1 + persona.id.len() / 3).then_some((distance, persona.id.as_str()))
            });
        close.min().map(|(_, id)| id)
    }
}

/// Reads a persona, or says in which line what is wrong.
fn read(id: &str, text: &str) -> Result<Persona, (usize, String)> {
    let line = |at: usize| 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
    let document = Document::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let why = error.message().lines().collect::<Vec<_>>().join(", ");
        (line(at), why)
    })?;
    let told = |name: &str| match document.get(name) {
        None => Err((1, format!("`{name}` is missing"))),
        Some(item) => told(item).ok_or_else(|| {
            let at = item.span().map_or(0, |span| span.start);
            let why = format!("`{name}` must be a text, or a text each for `en` and `zh`");
            (line(at), why)
        }),
    };
    let name = told("name")?;
    let description = match document.get("description") {
        Some(_) => told("description")?,
        None => name.clone(),
    };
    Ok(Persona {
        id: id.to_owned(),
        name,
        description,
        instructions: told("instructions")?,
    })
}

/// One text for both languages, or one for each; a missing one is that of the other language.
fn told(item: &Item) -> Option<Told> {
    let words = |item: &Item| {
        let text = item.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    if let Some(text) = words(item) {
        return Some(Told {
            en: text.clone(),
            zh: text,
        });
    }
    let table = item.as_table_like()?;
    let text = |lang: &str| table.get(lang).map(words);
    let (en, zh) = match (text("en"), text("zh")) {
        (Some(en), Some(zh)) => (en?, zh?),
        (Some(only), None) | (None, Some(only)) => (only.clone()?, only?),
        (None, None) => return None,
    };
    Some(Told { en, zh })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(files: &[(&str, Result<&str, &str>)]) -> (Personas, Vec<String>) {
        let files = files.iter().map(|(name, text)| {
            let path = PathBuf::from(format!("{name}.toml"));
            let text = text.map(str::to_owned).map_err(str::to_owned);
            ((*name).to_owned(), path, text)
        });
        Personas::load(files, Lang::En)
    }

    #[test]
    fn the_program_brings_its_own_personas_in_both_languages() {
        let personas = Personas::default();
        for persona in &personas.0 {
            let both = [&persona.name, &persona.description, &persona.instructions];
            for told in both {
                assert_ne!(told.text(Lang::En), told.text(Lang::Zh), "{}", persona.id);
            }
        }
        let ids: Vec<_> = personas.0.iter().map(|persona| &persona.id).collect();
        assert_eq!(ids, ["friendly", "professional", "health_assistant"]);
        let careful = personas.get(Some("health_assistant")).unwrap();
        let instructions = careful.instructions.text(Lang::En);
        assert!(instructions.contains("You are not a doctor"));
    }

    #[test]
    fn files_of_the_user_override_and_add_and_a_broken_one_harms_nobody() {
        let (personas, warnings) = load(&[
            (
                "friendly",
                Ok("name = \"Mine\"\ninstructions = \"Be mine.\""),
            ),
            (
                "pirate",
                Ok("name = {en = \"Pirate\"}\ninstructions = {zh = \"做海盗\"}"),
            ),
            ("broken", Ok("name = \"x\"\ninstructions = [1")),
            ("empty", Ok("name = \"x\"\n\ninstructions = \" \"")),
            ("nameless", Ok("instructions = \"x\"")),
            ("torn", Err("no text")),
        ]);
        let friendly = personas.get(None).unwrap();
        assert_eq!(friendly.name.text(Lang::Zh), "Mine");
        assert_eq!(friendly.description.text(Lang::En), "Mine");
        let pirate = personas.get(Some("pirate")).unwrap();
        assert_eq!(pirate.instructions.text(Lang::En), "做海盗");
        assert_eq!(personas.0.len(), 4);
        assert!(warnings[0].starts_with("broken.toml:2: "), "{warnings:?}");
        assert_eq!(
            warnings[1..],
            [
                "empty.toml:3: `instructions` must be a text, or a text each for `en` and `zh`; \
                 this persona is left out",
                "nameless.toml:1: `name` is missing; this persona is left out",
                "torn.toml:1: no text; this persona is left out",
            ]
        );
    }

    #[test]
    fn a_typo_is_answered_with_the_nearest_name() {
        let personas = Personas::default();
        for (typed, nearest) in [
            ("freindly", Some("friendly")),
            ("health", None),
            ("health_asistant", Some("health_assistant")),
            ("", None),
        ] {
            assert_eq!(
                personas.get(Some(typed)),
                Err(ServeError::PersonaUnknown {
                    persona: typed.to_owned(),
                    nearest: nearest.map(str::to_owned),
                    known: ["friendly", "professional", "health_assistant"]
                        .map(str::to_owned)
                        .to_vec(),
                })
            );
        }
    }
}
