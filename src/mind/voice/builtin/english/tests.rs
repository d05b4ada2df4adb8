use super::*;

/// The sounds of words by their names, with the weights of the vowels.
fn spoken(text: &str) -> String {
    let names = sounds(text).into_iter().map(|sound| {
        let weight = match sound.stress {
            Stress::None => "",
            Stress::Second => "2",
            Stress::Main => "1",
        };
        format!("{}{weight}", sound.phone.name)
    });
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn words_are_read() {
    let table = [
        ("make", "M EY1 K"),
        ("making", "M EY1 K IH NG"),
        ("hoping", "HH OW1 P IH NG"),
        ("running", "R AH1 N IH NG"),
        ("cats", "K AE1 T S"),
        ("dogs", "D AA1 G Z"),
        ("watches", "W AA1 CH AX Z"),
        ("boxes", "B AA1 K S AX Z"),
        ("station", "S T EY1 SH AX N"),
        ("international", "IH N T ER N EY1 SH AX N AX L"),
        ("application", "AX P L IH K EY1 SH AX N"),
        ("information", "IH N F AO R M EY1 SH AX N"),
        ("timers", "T AY1 M ER Z"),
        ("weather", "W EH1 DH ER"),
        ("question", "K W EH1 S CH AX N"),
        ("beautiful", "B Y UW1 T IH F AX L"),
        ("reminder", "R IY M AY1 N D ER"),
        ("connection", "K AX N EH1 K SH AX N"),
        ("conversation", "K AX N V ER S EY1 SH AX N"),
        ("deleted", "D IH L IY1 T AX D"),
        ("stopped", "S T AA1 P T"),
        ("needed", "N IY1 D AX D"),
        ("playing", "P L EY1 IH NG"),
        ("studies", "S T AH1 D IY Z"),
        ("city's", "S IH1 T IY Z"),
        ("don't", "D OW1 N T"),
        ("knife", "N AY1 F"),
        ("phone", "F OW1 N"),
        ("write", "R AY1 T"),
        ("table", "T EY1 B AX L"),
        ("battery", "B AE1 T AX R IY"),
        ("keyboard", "K EY1 B AO R D"),
        ("window", "W IH1 N D OW"),
        ("microphone", "M AY1 K R AX F OW2 N"),
        ("electricity", "IH L AX K T R IH1 S IH T IY"),
        ("happiness", "HH AE1 P IH N AX S"),
        ("careful", "K EH1 R F AX L"),
        ("one", "W AH1 N"),
        ("two", "T UW1"),
        ("what", "W AH1 T"),
        ("who", "HH UW1"),
        ("said", "S EH1 D"),
        ("could", "K UH D"),
        ("through", "TH R UW1"),
        ("enough", "IH N AH1 F"),
        ("friend", "F R EH1 N D"),
        ("USB", "Y UW1 EH1 S B IY1"),
        ("API", "EY1 P IY1 AY1"),
        ("iPhone", "AY F OW1 N"),
        ("café", "K AE F EY1"),
        ("children's", "CH IH1 L D R AX N Z"),
        ("delicious", "D IH L IH1 SH AX S"),
        ("future", "F Y UW1 CH ER"),
        ("measure", "M EH1 ZH ER"),
        ("decision", "D IH S IH1 ZH AX N"),
        ("nervous", "N ER1 V AX S"),
        ("science", "S AY1 AX N S"),
        ("function", "F AH1 NG K SH AX N"),
        ("somebody", "S AH1 M B AA2 D IY"),
        ("everywhere", "EH1 V R IY W EH2 R"),
        ("the", "DH AX"),
        ("tcp", "T IY1 S IY1 P IY1"),
        ("quickly", "K W IH1 K L IY"),
        ("apply", "AX P L AY1"),
    ];
    for (word, sounds) in table {
        assert_eq!(spoken(word), sounds, "{word}");
    }
}

#[test]
fn each_rule_is_used_for_a_word_that_needs_it() {
    // The same letters, read by what is beside them.
    let table = [
        ("hat hate", "HH AE1 T HH EY1 T"),
        ("not note", "N AA1 T N OW1 T"),
        ("cell call", "S EH1 L K AO1 L"),
        ("gem gum", "JH EH1 M G AH1 M"),
        ("sing singe", "S IH1 NG S IH1 N JH"),
        ("rows rose", "R OW1 Z R OW1 Z"),
        ("cry crystal", "K R AY1 K R IH1 S T AX L"),
        ("'hat'", "HH AE1 T"),
        ("nation passion", "N EY1 SH AX N P AE1 SH AX N"),
    ];
    for (words, sounds) in table {
        assert_eq!(spoken(words), sounds, "{words}");
    }
}

#[test]
fn questions_that_begin_by_asking_what_are_open() {
    for (question, open) in [
        ("What is it?", true),
        ("what's that", true),
        ("  Where am I", true),
        ("Is it what?", false),
        ("", false),
    ] {
        assert_eq!(is_open(question), open, "{question}");
    }
}
