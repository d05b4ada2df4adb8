//! English questions and their whole answers, asked one after the other on one desk.

pub(super) const ANSWERS: &[(&str, &str)] = &[
    (
        "what time is it?",
        "It is 15:04 on Friday, 20 November 2026.",
    ),
    (
        "What's the time?",
        "It is 15:04 on Friday, 20 November 2026.",
    ),
    ("time", "It is 15:04 on Friday, 20 November 2026."),
    (
        "what time is it in Tokyo?",
        "In Tokyo it is 23:04 on Friday, 20 November 2026, 8 hours ahead of here.",
    ),
    (
        "What time is it in new york right now?",
        "In New York it is 09:04 on Friday, 20 November 2026, 6 hours behind here.",
    ),
    (
        "what is the time in São Paulo",
        "In São Paulo it is 11:04 on Friday, 20 November 2026, 4 hours behind here.",
    ),
    (
        "time in London",
        "In London it is 14:04 on Friday, 20 November 2026, 1 hour behind here.",
    ),
    (
        "Sydney time",
        "In Sydney it is 01:04 on Saturday, 21 November 2026, 10 hours ahead of here.",
    ),
    (
        "could you please tell me what time it is?",
        "It is 15:04 on Friday, 20 November 2026.",
    ),
    (
        "what time is it in UTC+5:30",
        "In UTC+5:30 it is 19:34 on Friday, 20 November 2026, 4 hours 30 minutes ahead of here.",
    ),
    (
        "what time is it in America/Denver",
        "In Denver it is 07:04 on Friday, 20 November 2026, 8 hours behind here.",
    ),
    (
        "what time is it in Xanadu?",
        "`Xanadu` is no place with a known time; name a large city, a zone like `Europe/Berlin`, or `UTC+8`.",
    ),
    (
        "what's the date?",
        "It is 15:04 on Friday, 20 November 2026.",
    ),
    (
        "what day is it today",
        "It is 15:04 on Friday, 20 November 2026.",
    ),
    (
        "what's the date in Auckland?",
        "In Auckland it is 03:04 on Saturday, 21 November 2026, 12 hours ahead of here.",
    ),
    (
        "what day is tomorrow?",
        "Tomorrow is Saturday, 21 November 2026.",
    ),
    (
        "what day of the week is 4 July 2027?",
        "4 July 2027 is a Sunday.",
    ),
    ("what weekday is 2027-01-01", "1 January 2027 is a Friday."),
    ("what day was 2000-01-01?", "1 January 2000 was a Saturday."),
    ("what day is christmas", "25 December 2026 is a Friday."),
    (
        "what date is in 45 days",
        "45 days from today is Monday, 4 January 2027.",
    ),
    (
        "what date is it in 45 days?",
        "45 days from today is Monday, 4 January 2027.",
    ),
    (
        "what day is it in 3 weeks",
        "21 days from today is Friday, 11 December 2026.",
    ),
    (
        "45 days from now",
        "45 days from today is Monday, 4 January 2027.",
    ),
    (
        "what was the date 10 days ago",
        "10 days ago was Tuesday, 10 November 2026.",
    ),
    (
        "how many days until christmas?",
        "It is 35 days until Friday, 25 December 2026.",
    ),
    (
        "how many days until 2027-01-01",
        "It is 42 days until Friday, 1 January 2027.",
    ),
    (
        "days until halloween",
        "It is 345 days until Sunday, 31 October 2027.",
    ),
    (
        "how long until new year",
        "It is 42 days until Friday, 1 January 2027.",
    ),
    (
        "how many days since 2026-01-01",
        "It is 323 days since Thursday, 1 January 2026.",
    ),
    (
        "how many days between 1 march 2027 and 1 april 2027?",
        "From Monday, 1 March 2027 to Thursday, 1 April 2027 there are 31 days.",
    ),
    ("when is chinese new year", "6 February 2027 is a Saturday."),
    ("2+2", "2 + 2 = 4"),
    ("2 + 2 =", "2 + 2 = 4"),
    ("what is 12*7?", "12 × 7 = 84"),
    ("what's twelve times seven", "12 × 7 = 84"),
    ("(1 + 2) * 3 ^ 2", "(1 + 2) × 3^2 = 27"),
    ("20% of 80", "20% of 80 = 16"),
    ("what is 20 percent of 80", "20% of 80 = 16"),
    ("15% off 80", "15% off 80 = 68"),
    ("80 + 10%", "80 + 10% = 88"),
    ("1/3", "1 ÷ 3 ≈ 0.333333333333"),
    ("0.1 + 0.2", "0.1 + 0.2 = 0.3"),
    ("what is 5!", "5! = 120"),
    ("square root of 144", "√144 = 12"),
    ("sqrt(2)", "√(2) ≈ 1.41421356237"),
    ("two hundred and five plus three", "205 + 3 = 208"),
    ("divide 10 by 4", "10 ÷ 4 = 2.5"),
    ("subtract 3 from 10", "10 - 3 = 7"),
    ("add 3 and 4", "3 + 4 = 7"),
    ("1/0", "Division by zero has no result."),
    ("10^400", "The result is too large."),
    ("what's 1,234,567 * 2?", "1,234,567 × 2 = 2,469,134"),
    ("10 miles in km", "10 mi = 16.09344 km"),
    ("convert 10 miles to km", "10 mi = 16.09344 km"),
    ("how many km is 10 miles?", "10 mi = 16.09344 km"),
    ("how many kilometers are in a mile", "1 mi = 1.609344 km"),
    ("how much is 5 kg in pounds", "5 kg ≈ 11.0231 lb"),
    ("72F to C", "72 °F ≈ 22.2222 °C"),
    ("72 degrees fahrenheit in celsius", "72 °F ≈ 22.2222 °C"),
    ("what is 100 km/h in mph?", "100 km/h ≈ 62.1371 mph"),
    ("how many ounces in a pound", "1 lb = 16 oz"),
    ("5 feet 11 inches in cm", "5 ft 11 in = 180.34 cm"),
    ("half a mile in metres", "0.5 mi = 804.672 m"),
    ("2 cups to ml", "2 cups = 473.176473 ml"),
    ("1 GB in MiB", "1 GB ≈ 953.674 MiB"),
    ("5 mW to W", "5 mW = 0.005 W"),
    ("how many seconds are in a day", "1 day = 86,400 s"),
    ("-300 C to K", "Nothing is colder than absolute zero."),
    (
        "set a timer for 5 minutes",
        "The timer rings at 15:09:05, in 5 minutes.",
    ),
    (
        "set a 10 minute timer",
        "The timer rings at 15:14:05, in 10 minutes.",
    ),
    (
        "start a tea timer for 3 minutes",
        "“tea” rings at 15:07:05, in 3 minutes.",
    ),
    (
        "set a timer for 25 minutes called pizza",
        "“pizza” rings at 15:29:05, in 25 minutes.",
    ),
    (
        "remind me in 20 minutes to call mum",
        "“call mum” rings at 15:24:05, in 20 minutes.",
    ),
    (
        "remind me to water the plants tomorrow at 9",
        "“water the plants” rings at 09:00 on Saturday, 21 November 2026, in 17 hours 55 minutes.",
    ),
    (
        "remind me at 18:30 to cook",
        "“cook” rings at 18:30, in 3 hours 25 minutes.",
    ),
    (
        "wake me at 7:30",
        "“wake up” rings at 07:30 on Saturday, 21 November 2026, in 16 hours 25 minutes.",
    ),
    (
        "set an alarm for 6 am",
        "The timer rings at 06:00 on Saturday, 21 November 2026, in 14 hours 55 minutes.",
    ),
    (
        "set an alarm for quarter to eight",
        "The timer rings at 07:45 on Saturday, 21 November 2026, in 16 hours 40 minutes.",
    ),
    (
        "timer 90s",
        "The timer rings at 15:05:35, in 1 minute 30 seconds.",
    ),
    (
        "set a timer for 0 seconds",
        "A timer rings after 1 second to 10 years.",
    ),
    (
        "list my timers",
        "1. 15:05:35, in 1 minute 30 seconds\n2. 15:07:05, in 3 minutes: tea\n3. 15:09:05, in 5 minutes\n4. 15:14:05, in 10 minutes\n5. 15:24:05, in 20 minutes: call mum\n6. 15:29:05, in 25 minutes: pizza\n7. 18:30, in 3 hours 25 minutes: cook\n8. 06:00 on Saturday, 21 November 2026, in 14 hours 55 minutes\n9. 07:30 on Saturday, 21 November 2026, in 16 hours 25 minutes: wake up\n10. 07:45 on Saturday, 21 November 2026, in 16 hours 40 minutes\n11. 09:00 on Saturday, 21 November 2026, in 17 hours 55 minutes: water the plants",
    ),
    (
        "how much time is left?",
        "1. 15:05:35, in 1 minute 30 seconds\n2. 15:07:05, in 3 minutes: tea\n3. 15:09:05, in 5 minutes\n4. 15:14:05, in 10 minutes\n5. 15:24:05, in 20 minutes: call mum\n6. 15:29:05, in 25 minutes: pizza\n7. 18:30, in 3 hours 25 minutes: cook\n8. 06:00 on Saturday, 21 November 2026, in 14 hours 55 minutes\n9. 07:30 on Saturday, 21 November 2026, in 16 hours 25 minutes: wake up\n10. 07:45 on Saturday, 21 November 2026, in 16 hours 40 minutes\n11. 09:00 on Saturday, 21 November 2026, in 17 hours 55 minutes: water the plants",
    ),
    ("cancel the tea timer", "Cancelled the timer “tea”."),
    ("cancel the coffee timer", "There is no timer `coffee`."),
    (
        "cancel the timer",
        "Several timers fit, say which one: 1, 2, 3, 4 “call mum”, 5 “pizza”.",
    ),
    ("cancel timer 1", "Cancelled the timer."),
    ("cancel all timers", "Cancelled 9 timers."),
    ("timers", "No timer is set."),
    ("cancel the timer", "No timer is set."),
    (
        "note: the key is under the mat",
        "Noted: the key is under the mat",
    ),
    ("take a note: Call Bob at ACME", "Noted: Call Bob at ACME"),
    (
        "remember that the wifi password is swordfish",
        "Noted: the wifi password is swordfish",
    ),
    (
        "my notes",
        "1. the key is under the mat\n2. Call Bob at ACME\n3. the wifi password is swordfish",
    ),
    (
        "delete note 1",
        "Removed the note: the key is under the mat",
    ),
    (
        "delete the note about wifi",
        "Removed the note: the wifi password is swordfish",
    ),
    ("notes", "1. Call Bob at ACME"),
    ("delete the wifi note", "There is no note `wifi`."),
    ("add milk to my to-do list", "Added to the to-do list: milk"),
    (
        "todo: call the dentist",
        "Added to the to-do list: call the dentist",
    ),
    (
        "add bread to my shopping list",
        "Added to the to-do list: bread",
    ),
    (
        "what's on my to-do list?",
        "1. ☐ milk\n2. ☐ call the dentist\n3. ☐ bread",
    ),
    ("tick off milk", "Done: milk"),
    ("mark 2 as done", "Done: call the dentist"),
    ("my todos", "1. ☑ milk\n2. ☑ call the dentist\n3. ☐ bread"),
    ("remove bread from my list", "Removed: bread"),
    (
        "remove bread from the to-do list",
        "There is no to-do `bread`.",
    ),
    ("clear my todo list", "Removed: 2 items."),
    ("show my todo list", "The to-do list is empty."),
    ("roll a die", "1d6: 6"),
    ("roll 2d6", "2d6: 2 + 1 = 3"),
    ("d20", "1d20: 16"),
    ("roll three dice", "3d6: 4 + 3 + 4 = 11"),
    ("flip a coin", "Tails."),
    ("random number between 1 and 10", "1 (from 1 to 10)"),
    ("pick a number from 5 to 5", "5 (from 5 to 5)"),
    (
        "roll 1000d6",
        "At most 100 dice with 2 to 1,000,000 sides can be rolled at once.",
    ),
    (
        "hello",
        "Hello! I am the built-in brain: I know the time, sums, units, timers, notes and to-dos. Say `help` for all of it.",
    ),
    (
        "Hi there!",
        "Hello! I am the built-in brain: I know the time, sums, units, timers, notes and to-dos. Say `help` for all of it.",
    ),
    (
        "how are you?",
        "I am a program and have no moods. Say `status` to see how everything runs.",
    ),
    (
        "who are you?",
        "I am hearsay's built-in brain: a small program with fixed rules, no language model. What I answer is worked out on this machine. Say `help` to see what I can do.",
    ),
    ("thanks!", "You are welcome."),
    (
        "what was the date 10 days ago?",
        "10 days ago was Tuesday, 10 November 2026.",
    ),
    ("remove bread from my list", "The to-do list is empty."),
    (
        "set a timer for 0 seconds",
        "A timer rings after 1 second to 10 years.",
    ),
    (
        "set an alarm for 7",
        "The timer rings at 07:00 on Saturday, 21 November 2026, in 15 hours 55 minutes.",
    ),
    (
        "set a timer for 99 years",
        "A timer rings after 1 second to 10 years.",
    ),
    (
        "remind me at 10 to 8 to leave",
        "“leave” rings at 07:50 on Saturday, 21 November 2026, in 16 hours 45 minutes.",
    ),
    ("how many hours in 3 days", "3 days = 72 h"),
    ("add 2+3 and 4", "(2 + 3) + 4 = 9"),
    ("multiply 2+3 by 4", "(2 + 3) × 4 = 20"),
    ("what is 2 to the power of ten", "2^10 = 1024"),
    (
        "what time is it in CET?",
        "In CET it is 15:04 on Friday, 20 November 2026, the same time as here.",
    ),
    (
        "hey, can you set a timer for half an hour please?",
        "The timer rings at 15:34:05, in 30 minutes.",
    ),
    (
        "set a timer for an hour and a half",
        "The timer rings at 16:34:05, in 1 hour 30 minutes.",
    ),
    (
        "remind me on monday at noon to pay rent",
        "“pay rent” rings at 12:00 on Monday, 23 November 2026, in 2 days 20 hours.",
    ),
    (
        "cancel the timer",
        "Several timers fit, say which one: 1, 2, 3, 4 “leave”, 5 “pay rent”.",
    ),
    (
        "list timers",
        "1. 15:34:05, in 30 minutes\n2. 16:34:05, in 1 hour 30 minutes\n3. 07:00 on Saturday, 21 November 2026, in 15 hours 55 minutes\n4. 07:50 on Saturday, 21 November 2026, in 16 hours 45 minutes: leave\n5. 12:00 on Monday, 23 November 2026, in 2 days 20 hours: pay rent",
    ),
];
