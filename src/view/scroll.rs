//! Finds the part of the transcript to show, looking at no more messages than it must.
//!
//! A place is a message's index and a line in it. Heights are asked for one message at a time,
//! because to know one the message has to be set; of a conversation of 10,000 only those near
//! the screen ever are.

/// A line of the transcript: index of the message, line in it.
pub(super) type Place = (usize, usize);

/// The line at the top of the screen, and whether the screen follows the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub top: Place,
    pub follows: bool,
}

/// Moves `wish` lines from a place (`None`: the end) and stays inside the transcript.
pub(super) fn resolve(
    count: usize,
    page: usize,
    from: Option<Place>,
    wish: i32,
    mut height: impl FnMut(usize) -> usize,
) -> Shown {
    let lowest = lowest(count, page, &mut height);
    let wanted = match (from, wish) {
        (_, i32::MIN) => Some((0, 0)),
        (None, 0..) => None,
        (None, _) => Some(up(lowest, wish.unsigned_abs() as usize, &mut height)),
        (Some(place), 0..) => Some(down(count, place, wish as usize, &mut height)),
        (Some(place), _) => Some(up(place, wish.unsigned_abs() as usize, &mut height)),
    };
    match wanted {
        Some(top) if top < lowest => Shown {
            top,
            follows: false,
        },
        _ => Shown {
            top: lowest,
            follows: true,
        },
    }
}

/// The top of the screen when its last line is the last line there is.
fn lowest(count: usize, page: usize, height: &mut impl FnMut(usize) -> usize) -> Place {
    let mut lines = 0;
    for index in (0..count).rev() {
        lines += height(index);
        if lines >= page {
            return (index, lines - page);
        }
    }
    (0, 0)
}

fn up((index, line): Place, lines: usize, height: &mut impl FnMut(usize) -> usize) -> Place {
    let (mut index, mut line, mut lines) = (index, line, lines);
    while lines > line {
        lines -= line;
        let Some(above) = index.checked_sub(1) else {
            return (0, 0);
        };
        index = above;
        line = height(index);
    }
    (index, line - lines)
}

fn down(
    count: usize,
    (index, line): Place,
    lines: usize,
    height: &mut impl FnMut(usize) -> usize,
) -> Place {
    let (mut index, mut line) = (index, line.saturating_add(lines));
    while index < count {
        let here = height(index);
        if line < here {
            break;
        }
        line -= here;
        index += 1;
    }
    (index, line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEIGHTS: [usize; 4] = [3, 5, 2, 4];

    fn shown(page: usize, from: Option<Place>, wish: i32) -> Shown {
        resolve(HEIGHTS.len(), page, from, wish, |index| HEIGHTS[index])
    }

    #[test]
    fn scrolling_stays_inside_the_transcript() {
        let at = |index, line| Shown {
            top: (index, line),
            follows: false,
        };
        let end = Shown {
            top: (1, 3),
            follows: true,
        };
        let table = [
            (None, 0, end),
            (None, 5, end),
            (None, -1, at(1, 2)),
            (None, -4, at(0, 2)),
            (None, -100, at(0, 0)),
            (None, i32::MIN, at(0, 0)),
            (Some((0, 2)), 1, at(1, 0)),
            (Some((0, 2)), 4, end),
            (Some((0, 0)), i32::MAX, end),
            (Some((1, 2)), 0, at(1, 2)),
            (Some((3, 3)), 0, end),
        ];
        for (from, wish, expected) in table {
            assert_eq!(shown(8, from, wish), expected, "{from:?} {wish}");
        }
    }

    #[test]
    fn what_fits_is_shown_from_the_start() {
        let all = Shown {
            top: (0, 0),
            follows: true,
        };
        assert_eq!(shown(20, None, -3), all);
        assert_eq!(shown(20, Some((2, 0)), 0), all);
    }

    #[test]
    fn following_the_end_of_a_long_transcript_looks_at_few_messages() {
        let mut asked = 0;
        resolve(10_000, 60, None, 0, |_| {
            asked += 1;
            3
        });
        assert_eq!(asked, 20);
    }

    proptest! {
        #[test]
        fn up_and_down_again_comes_back(
            heights in prop::collection::vec(1..6_usize, 1..20),
            page in 1..12_usize,
            lines in 0..60_i32,
        ) {
            let height = |index: usize| heights[index];
            let end = resolve(heights.len(), page, None, 0, height);
            let above = resolve(heights.len(), page, None, -lines, height);
            if !above.follows && above.top != (0, 0) {
                let back = resolve(heights.len(), page, Some(above.top), lines, height);
                prop_assert_eq!(back, end);
            }
        }
    }
}
