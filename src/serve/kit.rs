//! The tools one question may use, from wherever they come: those of the program, those at the
//! client's end, those of other programs. Asks for permission where that is needed.

use super::House;
use super::budget::tokens;
use super::errand::Errands;
use super::hands::{self, CLIPBOARD, VOLUME};
use super::think::Piece;
use crate::core::backend::{Permission, Rule, Task, ToolInfo, ToolServer, ToolState};
use crate::core::words::Lang;
use crate::mind::fetch;
use crate::mind::mcp::{Offer, Shown, State};
use crate::mind::{Call, ToolSpec};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// More tools than this no model server takes.
const TOOLS: usize = 128;

/// How long a question waits for servers that are just starting.
const SETTLE: Duration = Duration::from_secs(3);

/// What a tool costs besides its texts.
const FRAME: usize = 12;

/// So many names are told to a model that makes one up.
const NAMES: usize = 40;

/// The tools of one question.
pub(super) struct Kit<'a> {
    house: &'a House,
    conversation: &'a str,
    /// Nothing: nobody is at the client's end.
    errands: Option<&'a Errands>,
    offers: Vec<Offer>,
}

impl<'a> Kit<'a> {
    /// Everything that is there now; servers that are just starting are waited for a moment.
    pub(super) async fn gather(
        house: &'a House,
        conversation: &'a str,
        errands: Option<&'a Errands>,
    ) -> Self {
        house.servers.start();
        house.servers.settle(SETTLE).await;
        Self {
            house,
            conversation,
            errands,
            offers: house.servers.offers(),
        }
    }

    /// What a model is told of them, as far as it fits into so many tokens.
    pub(super) fn fitting(&self, most: usize) -> (Vec<ToolSpec>, usize) {
        let mut cost = 0;
        let mut specs = self.specs();
        let all = specs.len();
        let fits = specs.iter().take_while(|spec| {
            let parameters = spec.parameters.to_string();
            let one = tokens(&spec.name) + tokens(&spec.description) + tokens(&parameters) + FRAME;
            if cost + one > most {
                return false;
            }
            cost += one;
            true
        });
        let fit = fits.count();
        if fit < all {
            tracing::warn!(
                "{} tools are not offered: they would fill the model",
                all - fit
            );
        }
        specs.truncate(fit);
        (specs, cost)
    }

    /// What a model is told of them.
    pub(super) fn specs(&self) -> Vec<ToolSpec> {
        let mut specs = self.house.toolbox.specs();
        if self.errands.is_some() {
            let hands = hands::specs().into_iter();
            specs.extend(hands.filter(|spec| self.may("", &spec.name)));
        }
        if self.may("", fetch::NAME) {
            specs.push(fetch::spec());
        }
        let offers = self.offers.iter();
        let offers = offers.filter(|offer| self.may(&offer.server, &offer.tool));
        specs.extend(offers.map(|offer| offer.spec.clone()));
        specs.truncate(TOOLS);
        specs
    }

    fn may(&self, server: &str, tool: &str) -> bool {
        self.house.permits.rule(server, tool, self.conversation) != Rule::Never
    }

    /// Runs one call. Both outcomes are told to the model.
    pub(super) async fn call(
        &self,
        call: &Call,
        out: &mpsc::Sender<Piece>,
    ) -> Result<String, String> {
        match call.name.as_str() {
            name @ (CLIPBOARD | VOLUME) if let Some(errands) = self.errands => {
                let task = hands::task(name, &call.arguments)?;
                if name == CLIPBOARD {
                    self.permit("", name, call, out).await?;
                }
                errands.run(task, out).await
            }
            fetch::NAME if self.may("", fetch::NAME) => {
                let page = fetch::page(&call.arguments, self.house.fetch_private)?;
                self.permit("", fetch::NAME, call, out).await?;
                fetch::fetch(page).await.map_err(|error| error.to_string())
            }
            name => {
                let offer = self.offers.iter().find(|offer| offer.spec.name == name);
                let Some(offer) = offer.filter(|offer| self.may(&offer.server, &offer.tool)) else {
                    return self.ours(call).await;
                };
                self.permit(&offer.server, &offer.tool, call, out).await?;
                let told = self.house.servers.call(offer, &call.arguments).await;
                told.map_err(|error| error.to_string())
            }
        }
    }

    /// One of the program's own, or none at all.
    async fn ours(&self, call: &Call) -> Result<String, String> {
        if self.house.toolbox.knows(&call.name) {
            return self.house.toolbox.call(call).await;
        }
        let specs = self.specs();
        let names: Vec<_> = specs
            .iter()
            .map(|spec| format!("`{}`", spec.name))
            .collect();
        let more = match names.len().saturating_sub(NAMES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let known = names.get(..NAMES).unwrap_or(&names).join(", ");
        Err(format!(
            "there is no tool `{}`; there are {known}{more}",
            call.name.chars().take(80).collect::<String>()
        ))
    }

    /// Asks the user, where that is needed; `Err` says why the tool may not be used.
    async fn permit(
        &self,
        server: &str,
        tool: &str,
        call: &Call,
        out: &mpsc::Sender<Piece>,
    ) -> Result<(), String> {
        let permits = &self.house.permits;
        match permits.rule(server, tool, self.conversation) {
            Rule::Allowed => return Ok(()),
            Rule::Never => return Err("the user does not allow this tool".to_owned()),
            Rule::Ask => {}
        }
        if self.house.served.elsewhere && tool != CLIPBOARD {
            return Err(
                "the settings of this server do not allow this tool without asking, and whoever \
                 asks here may not allow it"
                    .to_owned(),
            );
        }
        let Some(errands) = self.errands else {
            return Err(format!(
                "nobody is there who could allow it; the user can allow it for good in the \
                 configuration with {}",
                setting(server, tool)
            ));
        };
        let task = Task::Permit {
            tool: call.name.clone(),
            arguments: call.arguments.clone(),
        };
        let said = errands.run(task, out).await?;
        let decision = Permission::of(&said).unwrap_or(Permission::No);
        permits.decide(server, tool, self.conversation, decision);
        match decision {
            Permission::Once | Permission::Conversation | Permission::Always => Ok(()),
            Permission::No => Err("the user said no to this use of the tool".to_owned()),
            Permission::Never => Err("the user does not allow this tool".to_owned()),
        }
    }
}

/// The setting that allows a tool for good.
fn setting(server: &str, tool: &str) -> String {
    if server.is_empty() {
        format!("`tools.{tool} = \"always\"`")
    } else {
        format!("`mcp.{server}.allow = \"{tool}\"`")
    }
}

/// All tools, for people: the program's own first.
pub(super) fn told(house: &House, lang: Lang) -> Vec<ToolServer> {
    let rule = |server: &str, tool: &str| house.permits.rule(server, tool, "");
    let info = |spec: ToolSpec, rule| ToolInfo {
        name: spec.name,
        about: spec.description,
        rule,
    };
    let free = house.toolbox.specs().into_iter();
    let mut ours: Vec<_> = free.map(|spec| info(spec, Rule::Allowed)).collect();
    ours.extend(
        hands::specs()
            .into_iter()
            .chain([fetch::spec()])
            .map(|spec| {
                let rule = match spec.name.as_str() {
                    VOLUME => Rule::Allowed,
                    name => rule("", name),
                };
                info(spec, rule)
            }),
    );
    let mut all = vec![ToolServer {
        state: ToolState::Ready,
        tools: ours,
        ..ToolServer::default()
    }];
    for (name, shown) in house.servers.list() {
        let (state, why) = state(&shown, lang);
        let offers = shown.offers.iter();
        all.push(ToolServer {
            tools: offers
                .map(|offer| info(offer.spec.clone(), rule(&offer.server, &offer.tool)))
                .collect(),
            left_out: shown.left_out,
            name,
            state,
            why,
        });
    }
    all
}

fn state(shown: &Arc<Shown>, lang: Lang) -> (ToolState, String) {
    match &shown.state {
        State::Idle => (ToolState::Idle, String::new()),
        State::Starting => (ToolState::Starting, String::new()),
        State::Ready => (ToolState::Ready, String::new()),
        State::Waiting { why, .. } => (ToolState::Waiting, why.tell(lang)),
        State::Off { why } => (ToolState::Off, why.tell(lang)),
    }
}
