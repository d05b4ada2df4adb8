//! How a backend feels about what it says.

use serde::{Deserialize, Serialize};

macro_rules! moods {
    ($($name:ident $text:literal $face:literal;)*) => {
        /// The feelings that backends name.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Mood {
            #[default]
            $($name,)*
        }

        impl Mood {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The feeling of this name; what nobody knows is none.
            pub fn of(name: &str) -> Self {
                match name {
                    $($text => Self::$name,)*
                    _ => Self::default(),
                }
            }

            /// What backends call it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The face that shows it.
            pub const fn face(self) -> &'static str {
                match self { $(Self::$name => $face,)* }
            }
        }
    };
}

moods! {
    Neutral "neutral" "😶";
    Happy "happy" "🙂";
    Laughing "laughing" "😆";
    Funny "funny" "😂";
    Sad "sad" "😔";
    Angry "angry" "😠";
    Crying "crying" "😭";
    Loving "loving" "😍";
    Embarrassed "embarrassed" "😳";
    Surprised "surprised" "😲";
    Shocked "shocked" "😱";
    Thinking "thinking" "🤔";
    Winking "winking" "😉";
    Cool "cool" "😎";
    Relaxed "relaxed" "😌";
    Delicious "delicious" "🤤";
    Kissy "kissy" "😘";
    Confident "confident" "😏";
    Sleepy "sleepy" "😴";
    Silly "silly" "😜";
    Confused "confused" "🙄";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mood_is_known_by_its_name_and_all_others_are_none() {
        assert_eq!(Mood::ALL.len(), 21);
        for mood in Mood::ALL {
            assert_eq!(Mood::of(mood.name()), *mood);
        }
        assert_eq!(Mood::of("furious"), Mood::Neutral);
        assert_eq!(Mood::of(""), Mood::Neutral);
    }
}
