//! Every sentence the program says to people, in every language it speaks: the one table.
//!
//! A sentence may hold `{0}`, `{1}`..: [`fill`] puts arguments there, so that languages may
//! order them as they like.

use serde::{Deserialize, Serialize};

/// A language of the user interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Lang {
    #[default]
    En,
    Zh,
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $en:literal, $zh:literal;)*) => {
        /// One sentence of the table.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Word { $($(#[$doc])* $name,)* }

        impl Word {
            /// Every sentence there is; tests walk it.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The sentence in a language.
            pub const fn text(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$name, Lang::En) => $en, (Self::$name, Lang::Zh) => $zh,)*
                }
            }
        }
    };
}

words! {
    // The eight states, as the status bar names them.
    StateIdle: "idle", "空闲";
    StateTextSse: "answering", "回答中";
    StateTextTts: "speaking", "朗读中";
    StateVoiceStt: "listening", "聆听中";
    StateVoiceSse: "answering", "回答中";
    StateVoiceTts: "speaking", "朗读中";
    StateVoiceCall: "in a call", "通话中";
    StateError: "error", "出错";

    // What each action does, as help and palette say it.
    ActSend: "send the message", "发送消息";
    ActNewline: "start a new line", "换行";
    ActCancel: "stop the answer, or close what is open", "停止回答，或关闭当前窗口";
    ActPalette: "open the command palette", "打开命令面板";
    ActHelp: "show the keys", "显示按键";
    ActNew: "start a new conversation", "新建会话";
    ActConversations: "open an earlier conversation", "打开以前的会话";
    ActAgain: "ask the last question again", "重新提问";
    ActCopy: "copy the last answer", "复制上一条回答";
    ActBrains: "choose the brain", "选择大脑";
    ActLookForBrains: "look for model servers again", "重新寻找模型服务器";
    ActModels: "choose the model", "选择模型";
    ActPersonas: "choose the persona", "选择人设";
    ActToggleTools: "allow or forbid tools", "允许或禁止工具";
    ActToggleReasoning: "show or hide the model's thinking", "显示或隐藏思考过程";
    ActStatus: "ask the backend how it is", "查询后端状态";
    ActLog: "show the log", "显示日志";
    ActDialNow: "connect now", "立即连接";
    ActHangUp: "close the connection", "断开连接";
    ActForget: "make the backend forget this conversation", "让后端忘记本会话";
    ActDelete: "delete this conversation", "删除本会话";
    ActRedraw: "draw the screen anew", "重绘屏幕";
    ActSuspend: "suspend the program", "挂起程序";
    ActQuit: "leave", "退出";
    ActScrollUp: "scroll up a line", "上滚一行";
    ActScrollDown: "scroll down a line", "下滚一行";
    ActPageUp: "scroll up a page", "上翻一页";
    ActPageDown: "scroll down a page", "下翻一页";
    ActTop: "go to the first message", "跳到第一条消息";
    ActBottom: "go to the last message", "跳到最后一条消息";
    ActLeft: "move left", "左移";
    ActRight: "move right", "右移";
    ActUp: "move up", "上移";
    ActDown: "move down", "下移";
    ActWordLeft: "move a word left", "左移一词";
    ActWordRight: "move a word right", "右移一词";
    ActLineStart: "go to the start of the line", "到行首";
    ActLineEnd: "go to the end of the line", "到行尾";
    ActTextStart: "go to the start of the text", "到文首";
    ActTextEnd: "go to the end of the text", "到文末";
    ActBackspace: "delete to the left", "向左删除";
    ActDeleteRight: "delete to the right", "向右删除";
    ActDeleteWordLeft: "delete the word to the left", "删除左侧的词";
    ActDeleteWordRight: "delete the word to the right", "删除右侧的词";
    ActKillToStart: "cut to the start of the line", "剪切到行首";
    ActKillToEnd: "cut to the end of the line", "剪切到行尾";
    ActYank: "put back what was cut", "粘回剪切内容";
    ActTranspose: "swap two characters", "交换两个字符";
    ActUndo: "undo", "撤销";
    ActRedo: "redo", "重做";
    ActOlderInput: "earlier input", "较早的输入";
    ActNewerInput: "later input", "较晚的输入";

    // Why a model server was taken.
    BrainTook: "took {0} at {1}: it answered with {2} models", "已选用 {1} 的 {0}：它提供 {2} 个模型";
    BrainTookOne: "took {0} at {1}: it answered with {2} model", "已选用 {1} 的 {0}：它提供 {2} 个模型";
    BrainTookLoading: "took {0} at {1}: it is loading its model", "已选用 {1} 的 {0}：它正在加载模型";
}

/// Puts arguments into a sentence: `{0}` becomes the first, `{1}` the second.
pub fn fill(text: &str, arguments: &[&str]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let argument = after.split_once('}').and_then(|(number, after)| {
            Some((*arguments.get(number.parse::<usize>().ok()?)?, after))
        });
        if let Some((argument, after)) = argument {
            filled.push_str(argument);
            rest = after;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_go_where_the_language_wants_them() {
        assert_eq!(fill("{1} of {0}", &["nine", "two"]), "two of nine");
        assert_eq!(fill("no {braces} {7} {", &["x"]), "no {braces} {7} {");
        assert_eq!(fill("{0}", &["{0}"]), "{0}");
    }

    #[test]
    fn both_languages_take_the_same_arguments() {
        let places = |text: &str| {
            let mut found: Vec<_> = (0..9)
                .filter(|n| text.contains(&format!("{{{n}}}")))
                .collect();
            found.sort_unstable();
            found
        };
        for word in Word::ALL {
            assert_eq!(
                places(word.text(Lang::En)),
                places(word.text(Lang::Zh)),
                "{word:?}"
            );
        }
    }
}
