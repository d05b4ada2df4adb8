use super::*;

#[test]
fn figures_become_words() {
    let table = [
        ("0", "zero"),
        ("13", "thirteen"),
        ("51", "fifty one"),
        ("100", "one hundred"),
        ("342", "three hundred forty two"),
        ("1,234", "one thousand two hundred thirty four"),
        ("20,000,001", "twenty million one"),
        (
            "123456789012345",
            "one hundred twenty three trillion four hundred fifty six billion \
          seven hundred eighty nine million twelve thousand three hundred forty five",
        ),
        (
            "1234567890123456",
            "one two three four five six seven eight nine zero one two three \
          four five six",
        ),
        ("007", "zero zero seven"),
        ("-5", "minus five"),
        ("3.14", "three point one four"),
        ("1.2.10", "one point two point ten"),
        ("1999", "nineteen ninety nine"),
        ("1900", "nineteen hundred"),
        ("1905", "nineteen oh five"),
        ("2005", "two thousand five"),
        ("2026", "twenty twenty six"),
        ("1st", "first"),
        ("22nd", "twenty second"),
        ("30th", "thirtieth"),
        ("112th", "one hundred twelfth"),
        ("10:30", "ten thirty"),
        ("10:05", "ten oh five"),
        ("10:00", "ten o'clock"),
        ("9:15pm", "nine fifteen P M"),
        ("7am", "seven ay M"),
        ("14:00", "fourteen hundred"),
        ("1:02:03", "one oh two and three seconds"),
        ("2026-11-05", "November fifth, twenty twenty six"),
        ("$5.20", "five dollars and twenty cents"),
        ("$1", "one dollar"),
        ("£1,000", "one thousand pounds"),
        ("50%", "fifty percent"),
        ("5km", "five kilometers"),
        ("1 km", "one kilometer"),
        ("21.5°C", "twenty one point five degrees Celsius"),
        ("80 km/h", "eighty kilometers per hour"),
        ("2 GB", "two gigabytes"),
        ("1/2", "one half"),
        ("5/7", "five over seven"),
        ("3-5", "three to five"),
        ("17 × 3 = 51", "seventeen times three equals fifty one"),
        ("Dr. Smith", "doctor Smith"),
        ("mp3", "mp three"),
        ("a_b@c.d", "a b at c d"),
        ("(hello)", "hello"),
        ("well-known Wi-Fi", "well known Wi Fi"),
        ("C++ a=b", "C plus plus a equals b"),
        ("7 - 4 = 3", "seven minus four equals three"),
        ("and/or", "and or"),
    ];
    for (text, words) in table {
        assert_eq!(spell_out(text), words, "{text}");
    }
}

#[test]
fn among_words_only_what_is_no_word_is_written_out_and_marks_stay() {
    let table = [
        (
            "It is $4.50, I think.",
            "It is four dollars and fifty cents, I think.",
        ),
        (
            "3 km (5kg) away!",
            "three kilometers (five kilograms) away!",
        ),
        ("In 3, km follow.", "In three, km follow."),
        (
            "at 9:05 or 7am or 9:15pm",
            "at nine oh five or 7am or 9:15pm",
        ),
        ("a  plain\nline: yes, no.", "a plain line: yes, no."),
        ("", ""),
    ];
    for (text, words) in table {
        assert_eq!(figured(text), words, "{text}");
    }
}
