//! Model servers that die, hang, refuse or are something else.

use super::{CTRL_Q, CTRL_R, ESC, House, leave};
use crate::support::model_server::{Reply, sse, text};
use serde_json::json;

#[test]
fn an_answer_cut_in_mid_sentence_stays_and_one_key_asks_again() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("");
    let half = Reply::stream(sse(&[text("Half of a sent")])).broken();
    let server = house.model([half, Reply::words(&["A whole sentence."])]);
    let mut pty = house.thinking_with(&server);
    pty.say("tell me");
    pty.wait_for_text("Half of a sent");
    pty.wait_for_text("closed the connection in the middle");
    pty.wait_for_text("Ctrl+R asks again");
    pty.keys(CTRL_R);
    pty.wait_for("both answers, the first one marked", |screen| {
        let text = screen.contents();
        text.contains("A whole sentence.")
            && text.contains("Half of a sent")
            && text.contains("cut:")
    });
    leave(pty);
    // What was cut is still there, and still marked, in the next run.
    let pty = house.opened(&["history", "resume"], &[]);
    pty.wait_for("the same conversation", |screen| {
        let text = screen.contents();
        text.contains("Half of a sent") && text.contains("cut:")
    });
    leave(pty);
}

#[test]
fn a_model_that_says_nothing_is_given_up_after_the_configured_time() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("[brain]\nfirst_token_s = 1\n");
    let server = house.model([Reply::silence()]);
    let mut pty = house.thinking_with(&server);
    pty.say("anybody there?");
    pty.wait_for_text("sent no word for 1 s");
    pty.keys(ESC);
    pty.wait_for_text("idle");
    leave(pty);
}

#[test]
fn a_stream_that_stalls_keeps_what_came() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("[brain]\nbetween_tokens_s = 1\n");
    let stalled = Reply::stream(sse(&[text("So far so")])).then_hang();
    let server = house.model([stalled]);
    let mut pty = house.thinking_with(&server);
    pty.say("go on");
    pty.wait_for("what came, and why no more did", |screen| {
        let text = screen.contents();
        text.contains("So far so") && text.contains("stopped for 1 s")
    });
    leave(pty);
}

#[test]
fn esc_stops_a_model_that_hangs_and_nobody_who_leaves_waits_for_it() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("");
    let hang = || Reply::stream(sse(&[text("I am still")])).then_hang();
    let mut server = house.model([Reply::silence(), hang(), Reply::silence()]);
    let mut pty = house.thinking_with(&server);
    pty.say("first");
    pty.wait_for_text("answering");
    house.until_questions(&mut server, 1);
    pty.keys(ESC);
    pty.wait_for_text("stopped by you");
    house.runtime.block_on(server.until_hung_up());
    pty.say("second");
    pty.wait_for_text("I am still");
    pty.keys(ESC);
    pty.wait_for("two stops", |screen| {
        screen.contents().matches("stopped by you").count() == 2
    });
    house.runtime.block_on(server.until_hung_up());
    pty.say("third");
    house.until_questions(&mut server, 3);
    pty.wait_for_text("answering");
    pty.keys(CTRL_Q);
    assert!(pty.end().success());
    pty.assert_restored();
    house.runtime.block_on(server.until_hung_up());
}

#[test]
fn every_refusal_says_what_helps() {
    if crate::support::pty::missing() {
        return;
    }
    let refusal = |status, said: &str| Reply::json(status, &json!({"error": {"message": said}}));
    let page = "<!DOCTYPE html><html><title>Sign in</title><p>welcome to the hotel</html>";
    for (reply, sentence, hint) in [
        (
            Reply::of(200, "text/html", page),
            "answered with a web page",
            "on a guest network, sign in",
        ),
        (
            refusal(401, "no such key"),
            "wants a key: no such key",
            "OPENAI_API_KEY",
        ),
        (refusal(404, "nothing here"), "nothing here", "/v1"),
        (
            refusal(429, "slow down").header("Retry-After", "7"),
            "takes no more questions",
            "ask again in 7 s",
        ),
        (
            refusal(500, "out of memory"),
            "has a fault of its own (HTTP 500)",
            "ask again",
        ),
        (Reply::hang_up(), "closed the connection", "ask again"),
    ] {
        let house = House::new("");
        let server = house.model([reply, Reply::words(&["Now I can."])]);
        let mut pty = house.thinking_with(&server);
        pty.say("can you?");
        pty.wait_for(sentence, |screen| {
            let text: String = screen.contents().split_whitespace().collect();
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            let text = text.replace('│', "");
            text.contains(&squeezed(sentence)) && text.contains(&squeezed(hint))
        });
        // Whoever goes on is not held up.
        pty.keys(CTRL_R);
        pty.wait_for_text("Now I can.");
        leave(pty);
    }
}

#[test]
fn a_hundred_thousand_letters_without_a_break_are_shown_and_kept() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("");
    let long = "x".repeat(50_000) + &"长".repeat(17_000);
    let pieces: Vec<_> = long.as_bytes().chunks(999).map(<[u8]>::len).collect();
    assert!(pieces.len() > 100);
    let server = house.model([Reply::words(&[&long, "the end"]), Reply::words(&["short"])]);
    let mut pty = house.thinking_with(&server);
    pty.say("no breaks");
    pty.wait_for_text("the end");
    pty.say("and now?");
    pty.wait_for_text("short");
    leave(pty);
}

#[test]
fn right_to_left_text_moves_nothing_beside_it() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("");
    let server = house.model([Reply::words(&[
        "שלום עולם, ",
        "مرحبا بالعالم\n\n| a | b |\n|---|---|\n| مرحبا | x |\n",
    ])]);
    let mut pty = house.thinking_with(&server);
    pty.say("say hello");
    pty.wait_for("both scripts", |screen| {
        let text = screen.contents();
        text.contains("שלום") && text.contains("مرحبا") && text.contains("idle")
    });
    leave(pty);
}

#[test]
fn who_reads_chinese_is_told_in_chinese_what_went_wrong() {
    if crate::support::pty::missing() {
        return;
    }
    let house = House::new("lang = \"zh\"\n[brain]\nfirst_token_s = 1\n");
    let busy = Reply::json(429, &json!({})).header("Retry-After", "7");
    let server = house.model([busy, Reply::silence(), Reply::words(&[])]);
    let mut pty = house.thinking_with(&server);
    for (what, hint) in [
        (
            "的模型服务器暂不接受更多问题",
            "请在7秒后再问；或换一个大脑",
        ),
        (
            "的模型服务器1秒没有回应",
            "较小的模型回答更快；或换一个大脑",
        ),
        ("一个字也没说就结束了", "请再问一次，或换一个大脑"),
    ] {
        pty.say("你好");
        pty.wait_for(what, |screen| {
            let shown = screen.contents();
            let text = shown.replace('│', "");
            let text: String = text.split_whitespace().collect();
            text.contains(what) && text.contains(hint)
        });
        pty.keys(ESC);
        pty.wait_for_text("空闲");
    }
    leave(pty);
}
