//! What stands where on the screen that was drawn last, for who points at it.

use super::chat::WIDEST;
use super::text::width;
use super::theme::{Role, Theme};
use crate::core::action::Plain;
use crate::core::point::{Spot, is_link};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Position, Rect};

/// Places, and what stands there. What is drawn later lies over what was drawn before.
#[derive(Debug, Default)]
pub struct Spots(Vec<(Rect, Spot)>);

impl Spots {
    /// Forgets all of them: a new frame begins, or something covers what is drawn so far.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn add(&mut self, area: Rect, spot: Spot) {
        if !area.is_empty() {
            self.0.push((area, spot));
        }
    }

    /// A hint that does what its key does.
    pub fn hint(&mut self, area: Rect, plain: Plain) {
        self.add(area, Spot::Do(plain.into()));
    }

    /// What stands at a place.
    pub fn at(&self, place: Position) -> Option<&Spot> {
        let found = self.0.iter().rev().find(|(area, _)| area.contains(place));
        found.map(|(_, spot)| spot)
    }

    /// Finds the addresses in an area as it is drawn. One that goes on in the next row is one.
    pub fn links(&mut self, area: Rect, buffer: &Buffer, theme: Theme) {
        let area = area.intersection(buffer.area);
        let ink = theme.of(Role::Link);
        let is_link = |cell: &Cell| {
            cell.fg == ink.fg.unwrap_or_default() && cell.modifier.contains(ink.add_modifier)
        };
        // Only what had no room left goes on in the next row.
        let edge = area.left() + area.width.min(WIDEST);
        let mut open: Option<(String, Vec<Rect>)> = None;
        for y in area.top()..area.bottom() {
            let mut x = area.left();
            while x < area.right() {
                let cell = &buffer[(x, y)];
                let wide = width(cell.symbol()).max(1) as u16;
                if is_link(cell) {
                    let last = open.as_ref().and_then(|(_, places)| places.last());
                    let goes_on = last.is_some_and(|last| {
                        let beside = last.y == y && last.right() == x;
                        let rest = (x..area.right()).map(|x| &buffer[(x, y)]);
                        let rest: String = rest
                            .take_while(|cell| is_link(cell))
                            .map(Cell::symbol)
                            .collect();
                        let room = edge.saturating_sub(last.right());
                        let full = width(&rest) > usize::from(room);
                        beside || last.y + 1 == y && full && !rest.starts_with("http")
                    });
                    if !goes_on {
                        self.close(open.take());
                    }
                    let (text, places) = open.get_or_insert_default();
                    text.push_str(cell.symbol());
                    match places.last_mut() {
                        Some(last) if last.y == y => last.width += wide,
                        _ => places.push(Rect::new(x, y, wide, 1)),
                    }
                } else if cell.symbol() != " " {
                    self.close(open.take());
                }
                x += wide;
            }
        }
        self.close(open);
    }

    fn close(&mut self, link: Option<(String, Vec<Rect>)>) {
        let Some((text, places)) = link else { return };
        let address = text.trim();
        if is_link(address) {
            for place in places {
                self.add(place, Spot::Link(address.to_owned()));
            }
        }
    }
}
