//! What there is: models, personas, tools, and what is remembered of a conversation.

use super::message::{Refusal, Reply, Request};
use super::plain;
use super::routes::Routes;
use crate::mind::Call;
use crate::serve::kit::Kit;
use crate::serve::question::recall;
use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// The longest arguments of a tool.
const BODY: usize = 1 << 20;

pub(super) fn routes(routes: &mut Routes) {
    routes.get("/v1/models", models);
    routes.get("/v1/models/{id}", model);
    routes.get("/v1/personalities", personalities);
    routes.get("/v1/conversations/{id}/memory", memory);
    routes.http(Method::DELETE, "/v1/conversations/{id}/memory", forget);
    routes.get("/v1/tools", tools);
    routes.http(Method::POST, "/v1/tools/call", call);
}

fn list(data: &[Value]) -> Reply {
    Reply::json(&json!({"object": "list", "data": data, "total": data.len()}))
}

fn described((id, owner): &(String, String)) -> Value {
    json!({"id": id, "object": "model", "created": 0, "owned_by": owner})
}

async fn models(request: Request) -> Result<Reply, Refusal> {
    let models = plain::models(&request.backend.house).await;
    let models: Vec<Value> = models.iter().map(described).collect();
    Ok(list(&models))
}

async fn model(request: Request) -> Result<Reply, Refusal> {
    let models = plain::models(&request.backend.house).await;
    let wanted = request.parameter("id");
    let found = models.iter().find(|(id, _)| id == wanted);
    let found = found.map(|model| Reply::json(&described(model)));
    found.ok_or_else(|| {
        let what = format!("there is no model `{wanted}`");
        Refusal::new(StatusCode::NOT_FOUND, "model_not_found", what)
            .hint("`/v1/models` lists those that there are")
    })
}

async fn personalities(request: Request) -> Result<Reply, Refusal> {
    let names = request.backend.house.personas.names(request.lang());
    let names = names
        .into_iter()
        .map(|(id, name)| json!({"id": id, "name": name}));
    Ok(list(&names.collect::<Vec<_>>()))
}

/// What was said last, oldest first; `limit` is how many messages of it.
async fn memory(request: Request) -> Result<Reply, Refusal> {
    let conversation = request.parameter("id");
    let limit = match request.query("limit").map(str::parse) {
        None => usize::MAX,
        Some(Ok(limit)) => limit,
        Some(Err(_)) => {
            let what = "`limit` is no number";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "invalid_query", what));
        }
    };
    let house = &request.backend.house;
    recall(house, conversation).await;
    let exchanges = house.memory().exchanges(conversation);
    let mut said = vec![];
    for exchange in exchanges {
        let turn = exchange.turn;
        said.push(json!({"message_id": turn, "role": "user", "content": exchange.question}));
        if let Some(answer) = exchange.answer {
            let mut told = json!({"message_id": turn, "role": "assistant", "content": answer.text});
            if answer.cut {
                told["cut"] = json!(true);
            }
            said.push(told);
        }
    }
    let skip = said.len().saturating_sub(limit);
    Ok(list(said.get(skip..).unwrap_or_default()))
}

async fn forget(request: Request) -> Result<Reply, Refusal> {
    let conversation = request.parameter("id");
    let house = &request.backend.house;
    house.memory().forget(conversation);
    house.rooms.clear(conversation, None, house.timestamp());
    if let Some(id) = house.kept_as(conversation)
        && house.store.forget(id).await.is_err()
    {
        let what = "it is forgotten until the server is started again, but could not be taken out of the store";
        return Err(Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "store_failed",
            what,
        ));
    }
    let message = format!("conversation {conversation} is forgotten");
    Ok(Reply::json(&json!({"success": true, "message": message})))
}

/// The tools that may be used without anybody being asked.
async fn tools(request: Request) -> Result<Reply, Refusal> {
    let kit = Kit::gather(&request.backend.house, "", None).await;
    let specs = kit.specs().into_iter();
    let specs: Vec<Value> = specs
        .map(|spec| {
            json!({
                "name": spec.name,
                "description": spec.description,
                "parameters": spec.parameters,
            })
        })
        .collect();
    Ok(Reply::json(&json!({"tools": specs})))
}

/// A tool, and what is given to it.
#[derive(Deserialize)]
struct Use {
    tool_name: String,
    #[serde(default)]
    params: Option<Value>,
}

async fn call(mut request: Request) -> Result<Reply, Refusal> {
    let wanted: Use = request.json(BODY).await?;
    let house = &request.backend.house;
    let _place = house
        .place()
        .map_err(|error| Refusal::of(&error, request.lang()))?;
    let kit = Kit::gather(house, "", None).await;
    if !kit.specs().iter().any(|spec| spec.name == wanted.tool_name) {
        let name: String = wanted.tool_name.chars().take(100).collect();
        let what = format!("there is no tool `{name}`");
        return Err(Refusal::new(StatusCode::NOT_FOUND, "tool_unknown", what)
            .hint("`/v1/tools` lists those that there are"));
    }
    let call = Call {
        id: String::new(),
        name: wanted.tool_name,
        arguments: wanted
            .params
            .map_or_else(|| "{}".to_owned(), |params| params.to_string()),
    };
    // Nobody is asked for anything: there is nobody to ask.
    let (out, _pieces) = mpsc::channel(1);
    Ok(Reply::json(&match kit.call(&call, &out).await {
        Ok(result) => json!({"success": true, "result": result}),
        Err(error) => json!({"success": false, "error": error}),
    }))
}
