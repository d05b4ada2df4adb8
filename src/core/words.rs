//! Every sentence the program says to people, in every language it speaks: the one table.
//!
//! A sentence may hold `{0}`, `{1}`..: [`fill`] puts arguments there, so that languages may
//! order them as they like.
//!
//! The user may bring a third language as a file: [`adopt`] puts its sentences into the place of
//! the English ones, once, as the program starts.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::OnceLock;

/// A language of the user interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Lang {
    #[default]
    En,
    Zh,
}

impl Lang {
    /// How settings, commands and frames write it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// The language that is written so.
    pub fn of(code: &str) -> Option<Self> {
        [Self::En, Self::Zh]
            .into_iter()
            .find(|lang| lang.code() == code)
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $en:literal, $zh:literal;)*) => {
        /// One sentence of the table.
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Word { $($(#[$doc])* $name,)* }

        impl Word {
            /// Every sentence there is; tests walk it.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name, by which a file of another language calls it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// The sentence as the program brings it.
            const fn own_text(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Self::$name, Lang::En) => $en, (Self::$name, Lang::Zh) => $zh,)*
                }
            }
        }
    };
}

impl Word {
    /// The sentence in a language.
    pub fn text(self, lang: Lang) -> &'static str {
        let adopted = match lang {
            Lang::En => ADOPTED.get().and_then(|texts| texts[self as usize]),
            Lang::Zh => None,
        };
        adopted.unwrap_or_else(|| self.own_text(lang))
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What the user's file says instead of the English sentences, by their place in the table.
static ADOPTED: OnceLock<Box<[Option<&'static str>]>> = OnceLock::new();

/// Lets these sentences stand for the English ones from now on. The first call counts: a screen
/// does not change its language in the middle, and what is shown lives as long as the program.
pub fn adopt(sentences: impl IntoIterator<Item = (Word, String)>) {
    ADOPTED.get_or_init(|| {
        let mut texts = vec![None; Word::ALL.len()].into_boxed_slice();
        for (word, text) in sentences {
            texts[word as usize] = Some(&*text.leak());
        }
        texts
    });
}

/// Do two sentences take the same arguments?
pub fn same_arguments(one: &str, other: &str) -> bool {
    (0..10).all(|n| {
        let place = format!("{{{n}}}");
        one.contains(&place) == other.contains(&place)
    })
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
    ActSendOtherWay: "send, with the answer spoken if it usually is not", "发送，并切换这次是否朗读回答";
    ActTalk: "talk: hold, or tap to start and to end", "说话：按住，或按一下开始、再按一下结束";
    ActCall: "call, hands-free, or hang up", "免提通话，或挂断";
    ActMute: "close the microphone of the call, or open it again", "关闭或打开通话的麦克风";
    ActHold: "hold the call: nothing is heard or said", "保持通话：不听也不说";
    ActReadAloud: "read the last answer aloud, or stop reading", "朗读上一条回答，或停止朗读";
    ActMessages: "choose a message to read aloud", "选择要朗读的消息";
    ActPause: "pause the speech, or go on", "暂停或继续朗读";
    ActLouder: "speak louder", "大声些";
    ActSofter: "speak softer", "小声些";
    ActFaster: "speak faster", "快些";
    ActSlower: "speak slower", "慢些";
    ActToggleSpeech: "choose which answers are spoken", "选择朗读哪些回答";
    ActToggleAskAhead: "in a call, ask after the answer what is said during it, or cut in", "通话中：说的话排在回答之后，或立即打断";
    ActToggleReview: "edit what was heard before it is sent, or send at once", "识别后先编辑，或直接发送";
    ActMicrophones: "choose the microphone", "选择麦克风";
    ActLoudspeakers: "choose the loudspeaker", "选择扬声器";
    ActEars: "choose what hears", "选择语音识别引擎";
    ActVoices: "choose what speaks", "选择语音合成引擎";
    ActReplayRecording: "play the last recording", "播放上一段录音";
    ActDeleteRecording: "delete the last recording", "删除上一段录音";
    ActNewline: "start a new line", "换行";
    ActInsert: "write", "开始书写";
    ActAppend: "write behind the cursor", "在光标后书写";
    ActAppendEnd: "write at the end of the line", "在行尾书写";
    ActCancel: "stop the answer, or close what is open", "停止回答，或关闭当前窗口";
    ActPalette: "open the command palette", "打开命令面板";
    ActHelp: "show the keys", "显示按键";
    ActNew: "start a new conversation", "新建会话";
    ActConversations: "open an earlier conversation", "打开以前的会话";
    ActAgain: "ask the last question again", "重新提问";
    ActRegenerate: "another answer to the last question, in a copy of the conversation", "在会话副本中重新回答上一个问题";
    ActEditLast: "edit the last question and ask it in a copy of the conversation", "编辑上一个问题，并在会话副本中提问";
    ActEdits: "choose a question to edit", "选择要编辑的问题";
    ActBranch: "go on in a copy of the conversation", "在会话副本中继续";
    ActPreviousVersion: "show the version of the conversation before", "显示会话的上一个版本";
    ActNextVersion: "show the next version of the conversation", "显示会话的下一个版本";
    ActCopy: "copy the last answer", "复制上一条回答";
    ActCopies: "choose a message to copy", "选择要复制的消息";
    ActBlocks: "choose a block of code to copy", "选择要复制的代码块";
    ActCopyAll: "copy the conversation", "复制整个会话";
    ActFind: "search in this conversation", "在本会话中搜索";
    ActRecordings: "choose a recording to play", "选择要播放的录音";
    ActTakeBack: "take the last unsent message back", "撤回上一条未发送的消息";
    ActBrains: "choose the brain", "选择大脑";
    ActLookForBrains: "look for model servers again", "重新寻找模型服务器";
    ActModels: "choose the model", "选择模型";
    ActSpeechModels: "models that hear and speak on this machine", "本机的语音模型";
    ActStopPull: "stop fetching a model", "停止下载模型";
    ActPersonas: "choose the persona", "选择人设";
    ActThemes: "choose the theme", "选择主题";
    ActToggleTools: "allow or forbid tools", "允许或禁止工具";
    ActToggleMouse: "let the mouse scroll and click here, or leave it to the terminal", "让鼠标在此滚动和点击，或交还给终端";
    ActTogglePanel: "show or hide how things stand, beside the chat of a wide screen", "在宽屏的聊天旁显示或隐藏状态";
    ActToggleDetails: "show in full or fold what tools were asked and answered", "展开或折叠工具的参数和结果";
    ActTools: "show the tools and their servers", "显示工具及其服务器";
    ActToggleReasoning: "show or hide the model's thinking", "显示或隐藏思考过程";
    ActStatus: "ask the backend how it is", "查询后端状态";
    ActLog: "show the log", "显示日志";
    ActTimes: "show where the time went", "显示时间都花在哪里";
    ActDoctor: "what works here, and what helps", "检查各部分，并给出建议";
    ActSettings: "look through the settings and change them", "查看和修改设置";
    ActWelcome: "what is here, in short", "简要说明这里有什么";
    ActDialNow: "connect now", "立即连接";
    ActHangUp: "close the connection", "断开连接";
    ActForget: "make the backend forget this conversation", "让后端忘记本会话";
    ActDelete: "delete this conversation", "删除本会话";
    ActUndelete: "bring the conversation deleted last back", "恢复上一个删除的会话";
    ActPin: "pin this conversation to the top of the list, or unpin it", "置顶本会话，或取消置顶";
    ActRetitle: "give this conversation another title", "更改本会话的标题";
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
    ActTurnLog: "show what the log says of this turn", "显示日志中有关这一轮的内容";
    ActSearch: "search", "搜索";
    ActNextHit: "go to the next match", "下一处匹配";
    ActPreviousHit: "go to the match before", "上一处匹配";
    ActOnlyText: "show lines with these words only, or with `!` those without", "只显示含有某些词的行，加 `!` 则相反";
    ActOnlyLevel: "show what matters this much only", "只显示某个级别以上的行";
    ActOnlyTime: "show lines of a time only", "只显示某段时间的行";
    ActAllLines: "show all lines again", "重新显示所有行";
    ActFollow: "stop following the end, or go on with it", "停止或继续跟随末尾";
    ActMark: "mark the line, or unmark it", "标记或取消标记此行";
    ActNextMark: "go to the next mark", "下一个标记";
    ActPreviousMark: "go to the mark before", "上一个标记";
    ActBreak: "stop the answer, clear the text, or leave", "停止回答、清空输入或退出";

    // Why an answer ended early.
    CutByUser: "stopped by you", "被你停止";
    CutIn: "you cut in after “{0}”", "你在“{0}”之后打断";
    CutByBackend: "stopped by the backend", "被后端停止";
    CutByLine: "the connection was lost", "连接中断";
    CutByLeaving: "the conversation was left", "会话已离开";
    CutElsewhere: "stopped elsewhere", "在别处停止";
    CutByEnd: "the program ended", "程序结束了";
    CutEmpty: "the answer was empty", "回答为空";
    CutByHangUp: "the call ended", "通话已结束";
    CutByHangUpAfter: "the call ended after “{0}”", "通话在“{0}”之后结束";

    // Faults and what helps.
    NoAnswer: "no answer for {0} s", "{0} 秒没有回答";
    NoAnswerWhy: "the backend took the question and then fell silent", "后端收到问题后没有回应";
    NoAnswerHint: "ask again, or choose another brain", "重新提问，或换一个大脑";
    FaultRefused: "`{0}` refused the connection", "`{0}` 拒绝了连接";
    FaultRefusedHint: "check address and token in the configuration, then connect again", "检查配置中的地址和令牌，然后重新连接";
    FaultUntrustedHint: "if you know its authority, name the file in `link.ca_file`", "如果你信任其签发者，请在 `link.ca_file` 中指定证书文件";
    FaultNoTlsHint: "for a line without encryption write `ws://` instead of `wss://`", "若要不加密连接，请用 `ws://` 代替 `wss://`";
    FaultGivenUp: "no connection to `{0}`", "无法连接 `{0}`";
    FaultGivenUpHint: "check that the backend runs, then connect again", "确认后端正在运行，然后重新连接";
    HintWait: "try again in {0} s", "请在 {0} 秒后重试";
    CauseIntentional: "closed on request", "按要求关闭";
    CauseNameless: "`{0}` is no known name: {1}", "找不到名称 `{0}`：{1}";
    CauseNobodyListens: "nothing listens at `{0}`", "`{0}` 没有程序在监听";
    CauseUnreachable: "nobody answers there: {0}", "无人应答：{0}";
    CauseClosed: "closed by the backend ({0}) {1}", "后端关闭了连接（{0}）{1}";
    CauseLost: "the connection broke: {0}", "连接断开：{0}";
    CauseSilent: "nothing heard for {0} s", "{0} 秒没有任何消息";
    CauseNoGreeting: "no greeting within {0} s", "{0} 秒内没有问候";
    CauseDenied: "refused: {0}{1}", "被拒绝：{0}{1}";
    CauseNotABackend: "no backend answers there: {0}", "对方不是后端：{0}";
    CauseGarbled: "the backend broke the rules: {0}", "后端违反协议：{0}";
    CauseExpired: "the certificate of `{0}` has expired", "`{0}` 的证书已过期";
    CauseNotYetValid: "the certificate of `{0}` is not valid yet; is the clock right?", "`{0}` 的证书尚未生效；时钟准确吗？";
    CauseWrongName: "the certificate there is for another name than `{0}`", "对方的证书不属于 `{0}`";
    CauseUnknownIssuer: "nobody trusted has signed the certificate of `{0}`", "`{0}` 的证书没有可信的签发者";
    CauseNoTls: "what answers at `{0}` does not encrypt", "`{0}` 的应答没有加密";
    CauseAlert: "the other side broke the encryption off: {0}", "对方中断了加密：{0}";
    CauseUnusable: "{0}", "{0}";

    // What the store could not do.
    StoreFull: "the disk is full: new messages are not stored", "磁盘已满：新消息不会保存";
    StoreReadOnly: "the data folder cannot be written: new messages are not stored", "数据目录不可写：新消息不会保存";
    StoreBusy: "another program holds the store: the message is not stored", "存储被其他程序占用：消息未保存";
    StoreUnknown: "there is no such conversation", "没有这个会话";
    StoreDamaged: "the store is damaged ({0}): new messages are not stored", "存储已损坏（{0}）：新消息不会保存";
    StoreTooNew: "the store was written by a newer version ({0}, known: {1})", "存储由更新的版本写入（{0}，已知：{1}）";
    StoreOther: "not stored: {0}", "未保存：{0}";

    // Notices.
    PasteCut: "a message holds 1 MB: {0} bytes of the pasted text were left out", "一条消息最多 1 MB：粘贴的内容有 {0} 字节未放入";
    NothingToRepeat: "nothing was asked yet", "还没有提过问题";
    NothingToRename: "nothing was said yet that could have a title", "还没有可命名的内容";
    NothingToDelete: "there is nothing to delete: nothing was said yet", "没有可删除的内容：还没有说过话";
    NothingToCopy: "there is no answer to copy", "没有可复制的回答";
    NothingToBranch: "nothing was said yet", "还没有内容";
    NothingToEdit: "there is no question to edit", "没有可编辑的问题";
    NoVersions: "there is no other version of this conversation", "本会话没有其他版本";
    Version: "version {0} of {1}", "版本 {0} / {1}";
    Editing: "editing: sent, it is asked in a copy; esc leaves it", "编辑中：发送后在副本中提问，Esc 放弃";
    NothingToFind: "nothing was said yet", "还没有内容";
    NoBlocks: "there is no block of code to copy", "没有可复制的代码块";
    BlockLines: "{0} lines", "{0} 行";
    CopiedPart: "{0} earlier messages are not loaded and not in it; `hearsay history export` writes all", "较早的 {0} 条消息未载入，不在其中；`hearsay history export` 可写出全部";
    FindMark: "find", "查找";
    FindHint: "what was said here", "在本会话中查找";
    FindCount: "{0} of {1}", "{0} / {1}";
    Undeleted: "back again: {0}", "已恢复：{0}";
    NothingDeleted: "nothing was deleted within the last hour", "最近一小时内没有删除过会话";
    Pinned: "pinned to the top of the list", "已置顶";
    Unpinned: "not pinned any more", "已取消置顶";
    TypeToSearch: "type to search in all that was said", "输入以搜索所有对话";
    BrowseMessages: "{0} messages", "{0} 条消息";
    BrowseHits: "{0} found", "找到 {0} 处";
    BrowseOpen: "{0} open", "{0} 打开";
    BrowseTitle: "{0} title", "{0} 标题";
    BrowsePin: "{0} pin", "{0} 置顶";
    BrowseDelete: "{0} delete", "{0} 删除";
    BrowseUndelete: "{0} bring back", "{0} 恢复";
    BrowseKeeps: "{0} keeps the title", "{0} 保存标题";
    BrowseNewTitle: "title", "标题";
    Copied: "copied", "已复制";
    PastLine: "since the start", "启动以来";
    PastCounts: "connections: {0}, losses: {1}", "连接 {0} 次，断开 {1} 次";
    PastUp: "connected for", "已连接";
    PastTrips: "round trips", "往返时间";
    PastJitter: "{0}, jitter {1} ms", "{0}，抖动 {1} ms";
    PastMissing: "{0}, missed: {1}", "{0}，缺失 {1} 次";
    PastQuality: "quality", "质量";
    LineGood: "good", "良好";
    Elsewhere: "`{0}` answers now instead of `{1}`", "现在由 `{0}` 代替 `{1}` 回答";
    ConnectedAgain: "connected again", "已重新连接";
    NotConnected: "not connected", "未连接";
    ConversationDeleted: "deleted: {0}; `/undelete` brings it back within an hour", "已删除：{0}；一小时内可用 `/undelete` 恢复";
    Forgotten: "the backend forgets this conversation; what is stored stays", "后端将忘记本会话；已保存的内容保留";
    BrainAuto: "automatic", "自动";
    BrainChosen: "brain from the next message on: {0}", "从下一条消息起使用大脑：{0}";
    ModelChosen: "model from the next message on: {0}", "从下一条消息起使用模型：{0}";
    PersonaChosen: "persona from the next message on: {0}", "从下一条消息起使用人设：{0}";
    PersonaUnknown: "no persona is called `{0}`", "没有名为 `{0}` 的人设";
    NoModels: "this brain has no models to choose from", "这个大脑没有可选模型";
    ToolsOn: "tools allowed", "已允许工具";
    ToolsOff: "tools forbidden", "已禁止工具";
    PressAgainToQuit: "press once more to leave", "再按一次退出";
    RecordingEnded: "the recording ended here: {0}", "录制在此中止：{0}";
    TimerRings: "time is up: {0}", "时间到：{0}";
    TimerRingsPlain: "time is up", "时间到";
    UnknownAction: "no command is called `{0}`", "没有名为 `{0}` 的命令";
    UnknownActionNear: "no command is called `{0}`; did you mean `{1}`?", "没有名为 `{0}` 的命令；是否想用 `{1}`？";
    ActionNeeds: "`{0}` needs {1}", "`{0}` 需要{1}";
    ActionTakesNothing: "`{0}` takes nothing after its name", "`{0}` 后面不能再写内容";
    NeedsBrain: "`auto`, `builtin`, `local`, `model:NAME` or a base URL", " `auto`、`builtin`、`local`、`model:名称` 或基础 URL";
    NeedsModel: "a model's name", "模型名称";
    NeedsPersona: "a persona's name", "人设名称";
    NeedsTheme: "`auto` or a theme's name", " `auto` 或主题名称";
    NeedsLang: "`en` or `zh`", " `en` 或 `zh`";
    NeedsConversation: "a conversation's id", "会话编号";
    NeedsTitle: "a title", "标题";
    NeedsMessage: "a message's id", "消息编号";
    NeedsBlock: "a message's id and the number of a block", "消息编号和代码块序号";
    NeedsDevice: "a device's id, or `default`", "设备编号或 `default`";
    NeedsVoice: "`auto` or a voice engine of the backend", " `auto` 或后端的语音引擎";
    NeedsEars: "`auto` or a recogniser of the backend", " `auto` 或后端的识别引擎";
    NeedsFile: "the name of a file", "文件名";
    NeedsSpeechModel: "the name of a model that hears or speaks", "语音模型名称";
    NeedsLog: "a file, a URL, or the id of a log", "文件、URL 或日志的标识";
    NeedsWords: "words to look for", "要查找的词";
    NeedsQuestion: "what is to be asked", "要问的话";

    NoEars: "the backend cannot hear: {0}", "后端听不到：{0}";
    NoVoice: "no voice: {0}", "没有语音：{0}";
    CallUsually: ", usually answered after {0}", "，通常等待 {0}";
    CallTokens: ", {0} tokens", "，{0} 个词元";
    CallSilent: "nobody spoke for {0}, so the call was ended", "{0}无人说话，通话已结束";
    AskAheadOn: "what is said during an answer is asked after it", "回答期间说的话会在其后再问";
    AskAheadOff: "what is said during an answer ends it", "回答期间说话会打断回答";
    AsksAhead: "asks ahead", "排队提问";
    NoEcho: "no echo, as with headphones", "无回声（如耳机）";
    LevelOut: "out", "播放";
    KeptOpen: "kept open", "按住不断句";
    CallEnded: "call ended after {0}, {1} turns", "通话结束，时长 {0}，{1} 轮";
    NoCall: "there is no call", "没有通话";
    RecordingDiscarded: "recording thrown away", "已丢弃录音";
    HeardNothing: "heard nothing (peak {0} dB); nothing was sent", "没有听到声音（峰值 {0} dB），未发送";
    TooLoud: "the microphone is too loud: turn it down, or move away a little", "麦克风音量过大：请调低，或离远一点";
    TooQuiet: "hardly heard (peak {0} dB): turn the microphone up, or come closer", "声音太小（峰值 {0} dB）：请调高麦克风，或靠近一点";
    NoWords: "no words were recognised; the recording is kept", "没有识别出文字，录音已保留";
    FaultSound: "sound", "声音";
    MicrophoneTrouble: "microphone: {0}; {1}", "麦克风：{0}；{1}";
    LoudspeakerTrouble: "loudspeaker: {0}; {1}", "扬声器：{0}；{1}";
    MicrophoneMoved: "hearing with `{0}` now", "现在使用麦克风 `{0}`";
    LoudspeakerMoved: "speaking through `{0}` now", "现在使用扬声器 `{0}`";
    StillSpeaking: "still speaking; esc stops it", "仍在朗读，Esc 停止";
    SpeechStopped: "the speech came to a halt; the text is complete", "朗读中断，文字已完整";
    NoSpeech: "no speech came; the text is complete", "没有收到语音，文字已完整";
    NothingSpoken: "nothing is being spoken", "没有正在朗读的内容";
    NothingToRead: "there is nothing to read aloud", "没有可朗读的内容";
    CannotRead: "this backend cannot read aloud", "此后端不能朗读";
    VolumeIs: "volume {0}", "音量 {0}";
    SpeedIs: "speed {0}, from the next words on", "语速 {0}，从下一句起";
    SpeaksNever: "answers are not spoken", "不朗读回答";
    SpeaksSpoken: "answers to speech are spoken", "朗读对语音提问的回答";
    SpeaksAlways: "all answers are spoken", "朗读所有回答";
    ReviewOn: "what is heard can be edited before it is sent", "识别结果可先编辑再发送";
    ReviewOff: "what is heard is sent at once", "识别后直接发送";
    RecordingUnsent: "the recording could not be sent", "录音无法发送";
    RecordingUnsentHint: "it is kept: try again, or write it to a file with `/export-recording FILE`", "录音已保留：可以重试，或用 `/export-recording FILE` 写入文件";
    RecordingsFound: "{0} recordings of an earlier run were found; they are sent now", "找到上次运行留下的 {0} 段录音，现在发送";
    NoRecording: "there is no recording", "没有录音";
    RecordingDeleted: "recording deleted", "录音已删除";
    RecordingExported: "written to `{0}`", "已写入 `{0}`";
    EarsChosen: "ears from the next recording on: {0}", "从下一段录音起使用识别：{0}";
    VoiceChosen: "voice from the next answer on: {0}", "从下一条回答起使用语音：{0}";
    EngineAuto: "what the backend prefers", "后端的首选";
    EarsUnlisted: "this backend does not say what it could hear with; `/use-ears` takes a name", "此后端没有列出可用的识别引擎；可用 `/use-ears` 加名称选择";
    VoicesUnlisted: "this backend does not say what it could speak with; `/use-voice` takes a name", "此后端没有列出可用的语音引擎；可用 `/use-voice` 加名称选择";
    DeviceDefault: "what the system prefers", "系统默认";

    // A call.
    FloorOpening: "opening the microphone", "正在打开麦克风";
    FloorOpen: "listening", "聆听中";
    FloorYou: "you", "你在说";
    FloorThinking: "thinking", "思考中";
    FloorAssistant: "speaking", "朗读中";
    FloorMuted: "muted", "已静音";
    FloorHeld: "on hold", "保持中";
    AnsweringIn: "answering in {0}", "{0} 后回答";
    EchoIs: "echo {0} dB", "回声 {0} dB";
    EchoDeaf: "half duplex: deaf while it speaks", "半双工：朗读时不听";
    FloorGone: "waiting for a microphone", "等待麦克风";
    GapInRecording: "{0} s of what you said are missing: the microphone was away", "你说的话缺了 {0} 秒：麦克风曾断开";
    LastWait: "last answer after {0}", "上次回答等待 {0}";
    LastWaitSlow: "last answer after {0}, most of it {1}", "上次回答等待 {0}，主要在{1}";
    CallOpenHint: "talk whenever you like, or type", "随时可以说话，也可以打字";
    CallMutedHint: "{0} opens the microphone; {1} opens it while held", "{0} 打开麦克风；按住 {1} 临时打开";
    CallHeldHint: "{0} takes the call up again", "{0} 继续通话";
    KeysCall: "{0} hangs up · {1} mutes · {2} stops", "{0} 挂断 · {1} 静音 · {2} 停止";
    KeysCallMuted: "{0} hangs up · {1} unmutes · {2} stops", "{0} 挂断 · {1} 取消静音 · {2} 停止";
    KeysCallHeld: "{0} hangs up · {1} goes on", "{0} 挂断 · {1} 继续";
    PlaceholderCall: "{0} · or type", "{0} · 也可打字";
    MicrophoneMuted: "microphone muted", "麦克风已静音";
    TextOnly: "text only: no audio device", "仅文字：没有音频设备";

    // Faults: what they are about, how much they matter, what mends them.
    FaultConnection: "connection", "连接";
    FaultMessage: "message", "消息";
    FaultState: "state", "状态";
    FaultTimeout: "time limit", "超时";
    FaultInput: "input", "输入";
    FaultSystem: "system", "系统";
    FaultAnswer: "answer", "回答";
    SeverityLow: "minor", "轻微";
    SeverityMedium: "notable", "一般";
    SeverityHigh: "serious", "严重";
    SeverityCritical: "critical", "致命";
    RecoverReconnect: "connecting again mends it", "重新连接即可恢复";
    RecoverRetry: "trying again may help", "可以重试";
    RecoverReset: "going back to idle mends it", "回到空闲状态即可恢复";
    RecoverStop: "it has to be stopped", "需要停止";
    RecoverFixInput: "changing the input helps", "请修改输入";

    // A question on the command line.
    AskNoConnection: "no connection to the backend: {0}", "无法连接后端：{0}";
    AskNoConnectionHint: "run `hearsay doctor`", "请运行 `hearsay doctor`";
    AskLineEnded: "the line ended", "连接结束了";
    AskUnrecorded: "`{0}` is about the screen: a question on the command line is not in it", "`{0}` 只记录屏幕会话：命令行提问不会写入";

    // What the doctor says.
    PartProgram: "program", "程序";
    PartTerminal: "terminal", "终端";
    PartConfiguration: "configuration", "配置";
    PartStore: "store", "存储";
    PartBackend: "backend", "后端";
    PartStandby: "standby", "备用后端";
    PartBrain: "brain", "大脑";
    PartEars: "ears", "听觉";
    PartVoice: "voice", "语音";
    MarkGood: "ok", "正常";
    MarkLimited: "note", "注意";
    MarkBroken: "BAD", "故障";
    DoctorQuestion: "Answer with one short sentence: what is tea?", "请用一个短句回答：茶是什么？";
    DoctorLongQuestion: "Count from one to one hundred, in words.", "请用文字从一数到一百。";
    WireGreeting: "greeting", "问候";
    WireEnd: "end of the session", "会话的结束时间";
    WireEndTold: "told beforehand", "会提前告知";
    WireEndUntold: "not told beforehand", "没有提前告知";
    WireEvents: "names of events", "事件名称";
    WireHeardTold: "the words are told", "会给出文字";
    WireHeardUntold: "the words are not told", "不给出文字";
    WireHears: "what was heard", "听到的内容";
    WireOlder: "the older form", "旧的形式";
    WireRates: "rates of sound", "采样率";
    WireSession: "form of the session", "会话的形式";
    WireToday: "today's form", "现在的形式";
    WireUpDown: "{0} Hz up, {1} Hz down", "上行 {0} Hz，下行 {1} Hz";
    WireHeartbeat: "heartbeat", "心跳";
    WireText: "text", "文字";
    WireFrames: "frames", "帧";
    WireSpeech: "speech", "语音";
    WireErrors: "errors", "错误";
    WireStopping: "stopping", "停止";
    WireLists: "lists", "列表";
    WireStatus: "status", "状态";
    WireHearing: "recording", "录音";
    WireGreeted: "greeted after {0} ms as {1}", "{0} 毫秒后问候，连接名 {1}";
    WireNoAnswer: "nothing came within {0} s", "{0} 秒内没有回应";
    WireBeats: "{0} of {1} answered", "{1} 次中回应 {0} 次";
    WireOnSocket: "answered on the socket", "在套接字上回答";
    WireOverHttp: "answered over HTTP with this connection's name; on the socket nothing follows the beginning", "以本连接的名称通过 HTTP 回答；套接字上只有开始，没有下文";
    WireUntried: "not seen", "未见";
    WireNamed: "each names its message", "每帧都注明所属消息";
    WireNameless: "none names its message: what is said at the same time cannot be told apart", "不注明所属消息：同时进行的内容无法区分";
    WirePieces: "{0} pieces", "{0} 段";
    WireMisordered: "{0} out of order", "{0} 段乱序";
    WireMislabelled: "{0} of another kind than they say", "{0} 段与所标类型不符";
    WireUnfinished: "its end was not told", "没有说明结束";
    WireForeign: "{0} for somebody else", "{0} 段属于他人";
    WireNested: "told in an object", "以对象说明";
    WireFlat: "told as plain text", "以纯文本说明";
    WireBoth: "told now in an object, now as plain text", "有时以对象，有时以纯文本说明";
    WireConfirmed: "confirmed: it stops", "已确认：会停止";
    WireNotified: "notified only: the server goes on, and the rest is dropped here", "只通知：服务器继续，其余在本地丢弃";
    WireNoLists: "none over HTTP", "HTTP 上没有列表";
    WireAnswered: "{0} characters, the first after {1} ms", "{0} 个字符，首字 {1} 毫秒";
    WireFigures: "{0} figures", "{0} 项数据";
    WireHeard: "words came back after {0} ms: `{1}`", "{0} 毫秒后得到文字：`{1}`";
    WireSilence: "taken as silence, after {0} ms", "{0} 毫秒后判定为无人说话";
    WireLanguage: "language", "语言";
    WireByFrame: "{0}, by its first frame", "{0}，由首帧判断";
    WireByAddress: "{0}, by its address or the settings", "{0}，由地址或设置得知";
    WireActivation: "activation", "激活";
    WireActivated: "with a code that was entered", "已通过输入验证码激活";
    WireBound: "not wanted: this device is known there", "不需要：该设备已被认识";
    WireNoSession: "without a name", "没有名称";
    WireUntold: "not told", "没有说明";
    WireWordsBack: "told {0} times", "给出 {0} 次";
    WireUnanswered: "{0} without an answer, taken as silence", "{0} 段没有回应，视为无人说话";
    WireUneven: "{0} of another length", "{0} 段长度不同";
    WireDamaged: "{0} damaged", "{0} 段损坏";
    WireTwice: "confirmed, and once more later", "已确认，稍后又确认一次";
    WireMoods: "emotions", "情绪";
    WireTools: "tools", "工具";
    WireMessages: "{0} messages", "{0} 条消息";
    WirePong: "answered", "有回应";
    WireCalls: "calls", "通话";
    WireCallsOurs: "their turns are left to us: {0}", "话轮由本端切分：{0}";
    WireCallsTheirs: "the server cuts their turns", "由服务器切分话轮";
    WireCutting: "cutting where it was heard last", "在听到之处截断";
    WireCutTold: "confirmed", "已确认";
    WireCutUntold: "not confirmed", "没有确认";
    WireUses: "{0} uses", "使用 {0} 次";
    WireNoTools: "tools of clients are not taken", "不接受客户端的工具";
    WireLimits: "limits", "限额";
    DoctorToolQuestion: "How loud is your loudspeaker? Look it up with your tool for the status of the device.", "扬声器音量是多少？请用查询设备状态的工具查看。";
    DoctorHint: "hint: {0}", "建议：{0}";
    DoctorOn: "hearsay {0} on {1}", "hearsay {0}，运行于 {1}";
    PartEcho: "echo", "回声";
    PartMicrophone: "microphone", "麦克风";
    PartLoudspeaker: "loudspeaker", "扬声器";
    DoctorEars: "`{0}` makes words of speech", "`{0}` 识别语音";
    DoctorVoice: "`{0}` speaks: {1} s of sound in {2} ms", "`{0}` 能朗读：{1} 秒声音，用时 {2} 毫秒";
    DoctorVoiceFar: "`{0}` speaks; it was not asked to now", "`{0}` 朗读；此次未试用";
    DoctorGreeting: "Hello there.", "你好。";
    DoctorHears: "`{0}` hears, peak {1} dB", "`{0}` 能听到声音，峰值 {1} dB";
    DoctorSilent: "`{0}` is open and hears digital silence", "`{0}` 已打开，但只有数字静音";
    DoctorSilentHint: "unmute it, and allow this terminal to use it in the privacy settings", "请取消静音，并在隐私设置中允许此终端使用它";
    DoctorSpeaks: "`{0}` is ready; `hearsay devices --test` plays a sound and listens for it", "`{0}` 已就绪；`hearsay devices --test` 会播放声音并听它";
    DoctorNoTerminal: "output is not a terminal, so the assistant would not open", "输出不是终端，助手界面不会打开";
    DoctorTerminal: "{0}, {1} columns and {2} rows", "{0}，{1} 列 {2} 行";
    DoctorDumbHint: "set `TERM` to what your terminal is, for example `xterm-256color`", "请把 `TERM` 设为你的终端类型，例如 `xterm-256color`";
    DoctorNotUtf8: "{0}; the locale is not UTF-8", "{0}；区域设置不是 UTF-8";
    DoctorNotUtf8Hint: "choose a UTF-8 locale, for example `LANG=C.UTF-8`", "请选择 UTF-8 区域设置，例如 `LANG=C.UTF-8`";
    DoctorNoFile: "no file", "没有文件";
    DoctorNotThere: "`{0}` (not there: the defaults are used)", "`{0}`（不存在：使用默认值）";
    DoctorConfigurationHint: "see `hearsay config explain`", "请查看 `hearsay config explain`";
    DoctorStore: "`{0}`: {1} conversations, {2} messages", "`{0}`：{1} 个会话，{2} 条消息";
    DoctorReadOnly: "{0}; cannot be written", "{0}；无法写入";
    DoctorReadOnlyHint: "make the file and its folder writable; chat works meanwhile", "请让该文件及其目录可写；聊天不受影响";
    DoctorLate: "no answer within {0} s", "{0} 秒内没有回答";
    DoctorGreeted: "{0}: connected and greeted", "{0}：已连接，已问候";
    DoctorBackendHint: "check `backend` and its token with `hearsay config explain backend`", "请用 `hearsay config explain backend` 检查 `backend` 及其令牌";
    DoctorBrainHint: "start Ollama, llama.cpp, LM Studio or vLLM, or set `brain.url` to a model server's address", "请启动 Ollama、llama.cpp、LM Studio 或 vLLM，或把 `brain.url` 设为模型服务器的地址";

    TitleDoctor: "what works here", "各部分状况";
    DoctorLooking: "looking…", "检查中…";
    DoctorKeys: "{0} looks again · {1} plays a sound and listens for it", "{0} 重新检查 · {1} 播放声音并监听";
    DoctorAllGood: "everything works", "一切正常";
    DoctorCounts: "{0} of {1} parts work as they could", "{1} 项中有 {0} 项完全正常";

    TitleWelcome: "what is here", "这里有什么";
    GlanceHears: "`{0}`", "`{0}`";
    GlanceSpeaks: "`{0}` speaks", "`{0}` 朗读";
    WelcomeMore: "/doctor says more, /settings changes it; or just type", "/doctor 详细检查，/settings 修改设置；也可以直接输入";

    // The settings on the screen.
    TitleSettings: "settings", "设置";
    FromDefault: "default", "默认";
    FromFile: "file, line {0}", "文件第 {0} 行";
    FromVariable: "variable {0}", "变量 {0}";
    FromFlag: "flag {0}", "参数 {0}";
    NeedsSetting: "the name of a setting", "设置的名称";
    SettingUnknown: "no setting is called `{0}`; /settings lists them", "没有名为 `{0}` 的设置；/settings 可列出全部";
    SettingMust: "must be {0}", "必须是 {0}";
    SettingNow: "now: {0} · {1}", "当前：{0} · {1}";
    SettingDefault: "default: {0}", "默认：{0}";
    SettingSecret: "name where the secret is: `env:NAME`, `file:PATH` or `command:CMD`", "请写明密钥的来源：`env:NAME`、`file:PATH` 或 `command:CMD`";
    SettingKeys: "{0} writes it into the file · {1} offers values", "{0} 写入文件 · {1} 选择可选值";
    SettingWritten: "`{0}` is now {1}", "`{0}` 现为 {1}";
    SettingLater: "`{0}` is written: {1}; it counts from the next start", "`{0}` 已写入：{1}；下次启动生效";
    SettingBeaten: "`{0}` is written, but the {1} wins over the file", "`{0}` 已写入，但{1}优先于文件";
    ActConnect: "connect to a model server or another backend, step by step", "逐步连接模型服务器或其他后端";
    NeedsConnection: "`model-server`, `yychat`, `xiaozhi`, `realtime`, `embedded`, or the name of a backend", "`model-server`、`yychat`、`xiaozhi`、`realtime`、`embedded`，或某个后端的名称";
    TitleConnect: "connect to", "连接到";
    ConnectKnown: "a backend", "后端";
    ConnectModelServer: "a model server", "模型服务器";
    ConnectModelServerAddress: "Ollama, llama.cpp, LM Studio, or any that speaks as OpenAI does: `http://HOST:11434/v1`", "Ollama、llama.cpp、LM Studio，或任何兼容 OpenAI 的服务：`http://主机:11434/v1`";
    ConnectYychat: "a yychat server", "yychat 服务器";
    ConnectYychatAddress: "such as `hearsay serve` elsewhere: `ws://HOST:9800/ws/chat`, or only the host", "例如别处的 `hearsay serve`：`ws://主机:9800/ws/chat`，或只写主机";
    ConnectXiaozhi: "a xiaozhi server", "xiaozhi 服务器";
    ConnectXiaozhiAddress: "its socket, `ws://HOST:8000/xiaozhi/v1/`, or the address of its OTA service", "WebSocket 地址 `ws://主机:8000/xiaozhi/v1/`，或其 OTA 服务的地址";
    ConnectRealtime: "a realtime server", "realtime 服务器";
    ConnectRealtimeAddress: "OpenAI Realtime, or any that speaks as it does: `wss://HOST/v1/realtime`", "OpenAI Realtime，或任何与之兼容的服务：`wss://主机/v1/realtime`";
    ConnectEmbedded: "the backend inside this program", "本程序内置的后端";
    ConnectBegun: "begun: {0}", "已开始：{0}";
    /// What it is, what is asked, the how-manieth of how many.
    ConnectTitle: "{0}: {1} ({2} of {3})", "{0}：{1}（{2}/{3}）";
    StepAddress: "address", "地址";
    StepToken: "token", "令牌";
    StepModel: "model", "模型";
    StepName: "name", "名称";
    ConnectToken: "the token or key it wants; nothing if it wants none", "它要求的令牌或密钥；不需要就留空";
    ConnectTokenKept: "what is typed is not shown and not recorded; it is kept in a file of its own, for you only. `env:NAME`, `file:PATH` or `command:CMD` say where it is instead", "输入的内容不会显示，也不会被记录；它单独存放在只有你能读的文件里。也可以用 `env:NAME`、`file:PATH` 或 `command:CMD` 说明它在哪里";
    ConnectModel: "the model to use; nothing leaves it to the server", "要用的模型；留空则由服务器决定";
    ConnectName: "what the settings are to call it: letters, digits, `-` and `_`", "在设置里叫什么：字母、数字、`-` 和 `_`";
    ConnectKeys: "{0} goes on · {1} offers values", "{0} 继续 · {1} 选择可选值";
    ConnectTrying: "trying {0} …", "正在试用 {0} …";
    ConnectWorks: "{0} works; use it from now on?", "{0} 可用；从现在起使用它吗？";
    ConnectFails: "{0} does not work yet", "{0} 还不能用";
    ConnectStop: "stop", "停止";
    ConnectUse: "use it", "使用";
    ConnectAgain: "try again", "再试一次";
    ConnectChange: "change the answers", "修改回答";
    ConnectAnyway: "use it all the same", "仍然使用";
    ConnectLeft: "nothing was changed; `/connect` goes on where you left", "什么也没改；`/connect` 可从这里继续";
    ConnectNow: "{0} answers from now on; `{1}` says so, too", "从现在起由 {0} 回答；已写入 `{1}`";
    ConnectOnlyNow: "{0} answers until the program ends: there is no file to write settings into", "由 {0} 回答，直到程序结束：没有可写入设置的文件";
    ConnectBeaten: "{0} answers from now on; at the next start `{1}` wins over what was written", "从现在起由 {0} 回答；但下次启动时 `{1}` 优先于写入的设置";
    ConnectTaken: "`{0}` is the name of another backend", "`{0}` 已是另一个后端的名称";
    ConnectTakenHint: "choose another name", "请换一个名称";
    ConnectUnset: "the variable `{0}` is not set", "变量 `{0}` 没有设置";
    ConnectUnsetHint: "set it and start again, or say where else the token is", "设置它后重新启动，或另外说明令牌在哪里";
    ConnectUnknown: "no backend is called `{0}`", "没有名为 `{0}` 的后端";
    ConnectUnknownHint: "`/connect` lists what there is", "`/connect` 可列出全部";
    ConnectCheck: "check the address and the token", "请检查地址和令牌";
    ConnectCode: "it wants the code {0}: {1}", "需要验证码 {0}：{1}";
    PlainFillInOrNot: "write the answer and press Enter; an empty line means none; /cancel leaves", "写下回答后按 Enter；空行表示没有；/cancel 离开";
    SettingUnset: "`/default {0}`, or Delete in the list, takes it out of the file", "`/default {0}`，或在列表中按 Delete，可把它从文件中去掉";
    SettingGone: "`{0}` is not in the file any more", "`{0}` 已不在文件中";
    SettingsNoFile: "there is no file to write settings into", "没有可写入设置的文件";
    Empty: "(empty)", "（空）";

    // The history on the command line, and exports.
    LinesNone: "no backend outside the program was reached yet", "还没有连接过外部后端";
    LinesSince: "counted since {0}, last used {1}", "自 {0} 起统计，最近使用于 {1}";
    LinesCounts: "connections: {0}, {1} in all; losses: {2}, refusals: {3}, given up: {4}", "连接 {0} 次，共 {1}；断开 {2} 次，被拒 {3} 次，放弃 {4} 次";
    LinesTrip: "round trip {0} ms on average", "平均往返 {0} 毫秒";
    LinesRecent: "of late {0} {1}", "最近 {0} {1}";
    LinesCause: "last cause: {0}", "最近原因：{0}";
    HistoryEmpty: "no conversation is stored yet", "还没有保存的会话";
    HistoryNothingFound: "nothing found for `{0}`", "没有找到 `{0}`";
    HistoryNoSuch: "no conversation begins with `{0}`; `hearsay history list` shows them", "没有以 `{0}` 开头的会话；用 `hearsay history list` 查看";
    HistoryTooShort: "`{0}` is too short for an id; give at least {1} characters, or `last`", "`{0}` 太短，不能作为编号；请至少给出 {1} 个字符，或用 `last`";
    HistoryAmbiguous: "`{0}` begins several conversations; give more of the id", "有多个会话以 `{0}` 开头；请给出更长的编号";
    HistoryRenamed: "renamed to “{0}”", "已改名为“{0}”";
    HistoryBlankTitle: "a title needs at least one visible character", "标题至少需要一个可见字符";
    HistoryDeleted: "deleted “{0}” with {1} messages", "已删除“{0}”，共 {1} 条消息";
    HistoryDeleteWants: "this deletes “{0}” with {1} messages for good; add `--yes` to do it", "这将永久删除“{0}”及其 {1} 条消息；加上 `--yes` 以确认";
    /// How many hundredths, conversations, messages.
    Importing: "importing: {0} %, conversations: {1}, messages: {2}", "正在导入：{0} %，会话 {1} 个，消息 {2} 条";
    ImportFrom: "{0}:", "{0}：";
    ImportNew: "{0} new conversations, {1} new messages", "新会话 {0} 个，新消息 {1} 条";
    ImportKnown: "here already: {0}", "已经存在：{0}";
    ImportEmpty: "without words: {0}", "没有文字：{0}";
    ImportRefused: "not readable: {0}", "无法读取：{0}";
    ImportAt: "conversation {0}: {1}", "第 {0} 个会话：{1}";
    ImportAtLine: "conversation {0}, line {1}: {2}", "第 {0} 个会话，第 {1} 行：{2}";
    ImportCut: "the file ends within it", "文件在此中断";
    ImportTooLong: "it is too long", "太长";
    ImportMore: "and {0} more", "另有 {0} 个";
    ImportBusy: "an import is under way", "正在导入";
    ActExport: "write this conversation into a file", "把本会话写入文件";
    NeedsFormat: "a format (`md`, `html`, `txt`, `json` or `srt`), and perhaps a file or a folder", "格式（`md`、`html`、`txt`、`json` 或 `srt`），还可写文件或文件夹";
    NothingToExport: "nothing was said here yet", "这里还没有说过话";
    ExportFormats: "`{0}` is none of `md`, `html`, `txt`, `json`, `srt`, `srt-words`", "`{0}` 不是 `md`、`html`、`txt`、`json`、`srt`、`srt-words` 之一";
    TitleFormats: "write it as", "写成";
    FormatMd: "Markdown", "Markdown";
    FormatHtml: "a page for a browser", "网页";
    FormatTxt: "plain text", "纯文本";
    FormatJson: "for programs", "供程序读取";
    FormatSrtWords: "subtitles, a word at a time", "逐词字幕";
    ExportWhere: "where to?", "写到哪里？";
    ExportAbout: "a file or a folder; with nothing here, the folder in which the program was started. What is there already is never overwritten: the new file gets a number", "文件或文件夹；留空则为启动程序时所在的文件夹。已有的文件绝不会被覆盖：新文件会加上编号";
    ExportKeys: "{0} writes it", "{0} 写入";
    FormatSrt: "subtitles of what was spoken", "所说内容的字幕";
    ActInspect: "inspect this turn", "查看本轮详情";
    ActBundle: "gather a report of a fault", "生成故障报告";
    ActWriteBundle: "write the report", "写入报告";
    NeedsPart: "a part of the report, such as `texts` or `audio`", "报告的一部分，例如 `texts` 或 `audio`";
    KeysInspector: "in the inspector of a turn", "单轮详情";
    InspectTitle: "inspector", "单轮详情";
    InspectAudio: "audio", "录音";
    InspectGuess: "guess", "猜测";
    InspectWords: "words", "文字";
    InspectState: "state", "状态";
    InspectStage: "stage", "阶段";
    InspectPrompt: "prompt", "提示词";
    InspectTool: "tool", "工具";
    InspectAnswer: "answer", "回答";
    InspectSpoken: "spoken", "朗读";
    InspectUp: "sent", "发出";
    InspectDown: "came", "收到";
    InspectLog: "log", "日志";
    InspectTrouble: "trouble", "故障";
    InspectBytes: "{0} bytes", "{0} 字节";
    InspectPieces: "{0} pieces, {1} bytes, in {2} ms", "{0} 段，{1} 字节，{2} 毫秒";
    InspectReasoning: "thinking aloud: {0} pieces, {1} bytes, in {2} ms", "思考过程：{0} 段，{1} 字节，{2} 毫秒";
    InspectLoading: "the model is being loaded", "正在加载模型";
    InspectToolAsked: "used, {0} bytes", "调用，{0} 字节";
    InspectToolDone: "answered, {0} bytes", "返回，{0} 字节";
    InspectToolFailed: "could not, {0} bytes", "未成，{0} 字节";
    InspectErrand: "something was to be done here", "需在本端完成一件事";
    InspectStopped: "the backend stopped", "后端已停止";
    InspectTroubled: "the backend had trouble", "后端出了问题";
    InspectLeftOut: "{0} notes in between are left out", "中间省略 {0} 条记录";
    InspectGone: "(not kept)", "（未保留）";
    InspectBinary: "sound", "声音";
    InspectFrame: "{0}, {1} bytes", "{0}，{1} 字节";
    InspectFrames: "{0} ×{1}, {2} bytes in {3} ms", "{0} ×{1}，{2} 字节，{3} 毫秒";
    PromptUntold: "this backend does not tell what it sends to its brain", "此后端不提供发给模型的内容";
    PromptNone: "the backend knows of nothing that was sent to a brain for it", "后端没有这一轮发给模型的内容";
    PromptTold: "parts: {0}, tools: {1}, {2} bytes", "{0} 段，{1} 个工具，{2} 字节";
    InspectUnfold: "show the line in full, or not", "展开或收起此行";
    InspectToLog: "go to the line in the log", "跳到日志中的此行";
    InspectAgain: "look again", "重新查看";
    InspectBefore: "the turn before", "上一轮";
    InspectAfter: "the next turn", "下一轮";
    InspectFirst: "there is no turn before", "前面没有了";
    InspectLast: "there is no later turn", "后面没有了";
    InspectLooking: "looking…", "正在查看…";
    InspectStates: "all changes of state", "全部状态变化";
    InspectKeys: "{0} in full · {1} log · {2} message · {3} {4} turns · {5} report · {6} states", "{0} 展开 · {1} 日志 · {2} 消息 · {3} {4} 轮次 · {5} 报告 · {6} 状态";
    TitleBundle: "report of a fault: what will be in it", "故障报告：包含的内容";
    BundleWrite: "write it", "写入";
    BundleVersion: "version and system", "版本与系统";
    BundleDoctor: "what the doctor finds", "体检结果";
    BundleSettings: "settings, without secrets", "设置（不含密钥）";
    BundleLines: "how the lines to backends were", "与后端的连接统计";
    BundleLog: "the last lines of the log", "日志的最后若干行";
    BundleTimeline: "the timeline of the turn, without what was said", "本轮时间线（不含说的内容）";
    BundleTexts: "what was said in the conversation, and the prompt", "会话内容与提示词";
    BundleAudio: "the recording of the turn", "本轮录音";
    BundleUnknown: "`{0}` is no part of a report; there are {1}", "`{0}` 不是报告的一部分；可用的有 {1}";
    BundleWants: "nothing is written without a yes; `--yes` says it", "未经确认不会写入；加 `--yes` 即为确认";
    BundleAsk: "write it? [y/N]", "写入吗？[y/N]";
    BundleMaking: "the report is being gathered", "正在生成报告";
    BundleWritten: "the report is in `{0}`; read it before you send it", "报告在 `{0}`；发送前请先看一遍";
    ActCompare: "compare with another version", "与另一版本对比";
    TitleCompare: "two versions", "两个版本";
    CompareSame: "the first messages are the same in both: {0}", "两者开头相同的消息：{0} 条";
    CompareVersion: "version {0} of {1}", "第 {0} 版，共 {1} 版";
    CompareNothing: "nothing more was said in it", "此版没有更多内容";
    TitleImported: "imported", "已导入";
    HistoryThere: "`{0}` is there already; `--force` writes over it", "`{0}` 已存在；`--force` 可覆盖";
    HistoryExported: "written to `{0}`", "已写入 `{0}`";
    HistoryUntitled: "untitled", "无标题";
    HistoryCut: "cut short: {0}", "已中断：{0}";
    HistoryNothingSpoken: "nothing was spoken in this conversation", "这段对话中没有语音";
    HistoryTool: "used the tool `{0}`", "使用了工具 `{0}`";
    RoleUser: "you", "你";
    RoleAssistant: "assistant", "助手";
    RoleNote: "note", "提示";
    // What the screen says.
    Welcome: "hello; what would you like to know?", "你好，想聊点什么？";
    HintTalk: "hold it to talk, or tap it to start and to end", "按住说话，或按一下开始、再按一下结束";
    HintSend: "sends what you wrote", "发送所写内容";
    HintPalette: "everything the program can do", "程序能做的一切";
    HintHelp: "all keys", "所有按键";
    Placeholder: "type a message; {0} sends, {1} helps", "输入消息；{0} 发送，{1} 帮助";
    PlaceholderNormal: "letters are commands: {0} writes, {1} lists all there is to do", "字母即命令：{0} 书写，{1} 列出所有操作";
    NormalMode: "commands", "命令";
    NewTitle: "new conversation", "新会话";
    BuiltIn: "built-in", "内置";
    Assistant: "assistant", "助手";
    Thinking: "thinking", "思考中";
    LoadingModel: "loading the model", "正在加载模型";
    Thought: "thought for {0} lines", "思考了 {0} 行";
    ShowsIt: "{0} shows it", "{0} 显示";
    Cut: "cut: {0}", "中断：{0}";
    AsksAgain: "{0} asks again", "{0} 重新提问";
    KeyConnects: "{0} connects now", "{0} 立即连接";
    KeyCloses: "{0} closes", "{0} 关闭";
    NotStored: "not stored", "未保存";
    Unsent: "{0} unsent", "{0} 条未发送";
    UnsentBefore: "{0} unsent from before; they go out when the line is up", "上次有 {0} 条未发送，连上后会自动发送";
    UnsentBehind: "{0} unsent in “{1}”; they go out when you open it again", "“{1}” 中有 {0} 条未发送，再次打开时发送";
    NothingUnsent: "nothing waits to be sent", "没有待发送的消息";
    Late: "late", "迟迟未答";
    MicrophoneOff: "microphone off", "麦克风关闭";
    MicrophoneOpen: "microphone open", "麦克风开启";
    MicrophoneWarm: "microphone open, in memory only", "麦克风开启，仅在内存中";
    MicrophoneOpening: "opening the microphone", "正在打开麦克风";
    MicrophoneLost: "waiting for a microphone; what was said is kept", "正在等待麦克风；已说的内容已保留";
    MicrophoneClosing: "closing the microphone", "正在关闭麦克风";
    StatePaused: "paused", "已暂停";
    StateRecognising: "recognising", "识别中";
    KeyLetGo: "let go to send, {1} throws it away", "松开发送，{1} 丢弃";
    KeyTapEnds: "{0} sends, {1} throws it away", "{0} 发送，{1} 丢弃";
    KeyPauses: "{0} stops, {1} pauses", "{0} 停止，{1} 暂停";
    KeyResumes: "{1} goes on, {0} stops", "{1} 继续，{0} 停止";
    PlaceholderHold: "hold {2} to talk, or type; {0} sends, {1} helps", "按住 {2} 说话，或输入；{0} 发送，{1} 帮助";
    PlaceholderTap: "tap {2} to talk, or type; {0} sends, {1} helps", "按一下 {2} 说话，或输入；{0} 发送，{1} 帮助";
    PlaceholderEither: "hold or tap {2} to talk, or type; {0} sends, {1} helps", "按住或按一下 {2} 说话，或输入；{0} 发送，{1} 帮助";
    Recording: "recording, {0}", "录音 {0}";
    RecordingHeard: "being recognised", "正在识别";
    RecordingWaits: "waits to be sent", "等待发送";
    RecordingKept: "no words yet", "尚无文字";
    Embedded: "embedded", "内嵌";
    Lent: "own voice", "本机语音";
    KeySends: "{0} sends", "{0} 发送";
    KeyStops: "{0} stops", "{0} 停止";
    KeyGoesOn: "{0} goes on", "{0} 继续";
    Choose: "choose the marked line", "选择当前行";
    Close: "close", "关闭";
    LineClosed: "not connected", "未连接";
    LineDialing: "connecting", "连接中";
    LineDialingAgain: "connecting, attempt {0}", "第 {0} 次连接中";
    LineUp: "connected", "已连接";
    LineFair: "fair", "一般";
    LinePoor: "poor", "很差";
    LineUnverified: "to nobody knows whom (certificate not checked)", "对方身份未验证（不检查证书）";
    LineUnverifiedShort: "unverified", "未验证";
    LineWaiting: "down: {0}, retry {2} in {1} s", "断线：{0}，{1} 秒后第 {2} 次";
    LineWaitingPlain: "down, retry in {0} s", "断线，{0} 秒后重试";
    LineWaitingShort: "down, {0} s", "断线，{0} 秒";
    LineResting: "closed by the backend, connects when you type", "后端已关闭连接，输入时重新连接";
    LineRestingShort: "resting", "休眠";
    LineRefused: "refused: {0}", "被拒绝：{0}";
    LineRefusedShort: "refused", "被拒绝";
    LineGivenUp: "down: {0}", "断线：{0}";
    MoreBelow: "↓ {0} more", "↓ 还有 {0} 行";
    MoreBelowGrowing: "↓ {0} more, still answering", "↓ 还有 {0} 行，仍在回答";
    Earlier: "↑ {0} earlier messages", "↑ 更早的 {0} 条消息";
    LoadingEarlier: "↑ loading earlier messages", "↑ 正在加载更早的消息";
    TitlePalette: "commands", "命令";
    TitleBrains: "brains", "大脑";
    TitleModels: "models", "模型";
    TitlePersonas: "personas", "人设";
    TitleThemes: "themes", "主题";
    TitleConversations: "conversations", "会话";
    TitleHelp: "keys", "按键";
    TitleTimes: "where the time went", "时间都花在哪里";
    TokensOf: "{0} tokens read, {1} written", "读入 {0} 个词元，写出 {1} 个";
    TimesOf: "from the end of the question until the answer is heard; turns: {0}", "从说完到听见回答；共 {0} 轮";
    PartAll: "in all", "总计";
    PartRecognising: "recognising", "识别";
    PartSending: "sending", "发送";
    PartThinking: "thinking", "思考";
    PartWriting: "writing", "书写";
    PartSpeech: "making speech", "合成语音";
    PartSpoken: "then spoken for {0}", "随后朗读 {0}";
    PartSlowest: "(slowest)", "（最慢）";
    TurnCut: "cut", "中断";
    TurnFailed: "failed", "失败";
    TitleStatus: "backend", "后端";
    TitleQuestion: "sure?", "确定吗？";
    TypeToNarrow: "type to narrow the list", "输入以筛选";
    NothingMatches: "nothing matches", "没有匹配项";
    LogEmpty: "nothing logged yet", "暂无日志";
    LogNothing: "no line is like that", "没有这样的行";
    LogFollowing: "following", "跟随中";
    LogPaused: "paused", "已暂停";
    LogLive: "live", "实时";
    LogPolled: "asked every few seconds: {0}", "每隔几秒查询：{0}";
    LogCalling: "connecting", "连接中";
    LogMissing: "the file is gone, and is waited for", "文件不见了，等待它出现";
    LogLine: "line {0} of {1}", "第 {0} 行，共 {1} 行";
    LogWanted: "{0} wanted", "符合的 {0} 行";
    LogHits: "/{0} found: {1}", "/{0} 找到 {1} 处";
    LogDone: "{0} % read", "已读 {0} %";
    LogTypeSearch: "search: ", "搜索：";
    LogTypeText: "only with: ", "只含：";
    LogTypeTime: "only from..to: ", "时间段：";
    LogToTurn: "go to the turn of the line", "跳到此行所属的一轮";
    LogCopyLine: "copy the line", "复制此行";
    LogNoTurn: "this line belongs to no turn", "此行不属于任何一轮";
    LogTurnElsewhere: "that turn is not in this conversation", "那一轮不在当前会话中";
    LogKeys: "/ search · & only with · l level · t time · f follow · m mark · ? keys · q leave", "/ 搜索 · & 筛选 · l 级别 · t 时间 · f 跟随 · m 标记 · ? 按键 · q 退出";
    LogTitle: "log: {0}", "日志：{0}";
    LogTurnNone: "nothing was said here yet", "这里还没有说过话";
    TitleMicrophones: "microphones", "麦克风";
    TitleLoudspeakers: "loudspeakers", "扬声器";
    TitleEars: "what hears", "语音识别";
    TitleVoices: "what speaks", "语音合成";
    TitleMessages: "read aloud", "朗读";
    TitleEdits: "edit a question", "编辑问题";
    TitleCopies: "copy a message", "复制消息";
    TitleBlocks: "copy code", "复制代码";
    TitleRecordings: "play a recording", "播放录音";
    KeysEmpty: "while nothing is written", "未输入时";
    KeysChat: "in the chat", "聊天";
    KeysPicker: "in a list", "列表";
    KeysPage: "on a page", "页面";
    KeysBrowser: "among earlier conversations", "以前的会话";
    KeysLog: "in a log", "日志";
    KeysNormal: "in the chat, after Esc, where letters are commands", "在聊天中按 Esc 后，字母即命令";
    Yes: "yes", "是";
    No: "no", "否";

    // The figures of a backend that are known.
    FigureActiveConnections: "clients now", "当前客户端";
    FigureAnswering: "being answered", "正在回答";
    FigureConversations: "conversations", "会话";
    FigureEngines: "engines", "引擎";
    FigureMemories: "memories", "记忆";
    FigureTools: "tools", "工具";
    FigureVoices: "voices", "声音";
    FigureTotalConnections: "clients so far", "累计客户端";
    FigureTotalMessages: "messages read", "已读消息";
    FigureUptime: "up for", "已运行";
    Seconds: "{0} s", "{0} 秒";

    // What is doubtful about the configuration.
    DoubtExposed: "{0}: holds the secret `{1}`, and others can read it; run `chmod 600 {0}`", "{0}：含有密钥 `{1}`，而其他人可以读取；请运行 `chmod 600 {0}`";
    DoubtIgnored: "`{0}` is {1}, which is not {2}; it is ignored", "`{0}` 是 {1}，不是 {2}；已忽略";
    DoubtMore: "{0}: {1} more unknown settings", "{0}：还有 {1} 个未知设置";
    DoubtNotSet: "`{0}` comes from the variable `{1}`, which is not set", "`{0}` 来自变量 `{1}`，但它没有设置";
    DoubtUnknown: "{0}: `{1}` is no setting; it is ignored", "{0}：没有设置 `{1}`；已忽略";
    DoubtUnknownNear: "{0}: `{1}` is no setting; did you mean `{2}`?", "{0}：没有设置 `{1}`；是否想用 `{2}`？";
    DoubtVariable: "the variable `{0}` sets nothing", "变量 `{0}` 不起作用";
    DoubtVariableNear: "the variable `{0}` sets nothing; did you mean `{1}`?", "变量 `{0}` 不起作用；是否想用 `{1}`？";
    KeyTwice: "`{0}` is bound twice in `{1}`: to {2} and to {3}; the first is used", "`{0}` 在 `{1}` 中绑定了两次：{2} 和 {3}；以第一个为准";
    KeyMeansNothing: "nothing", "无";
    DoubtPersona: "{0}:{1}: {2}; this persona is left out", "{0}:{1}：{2}；已略过此人设";
    DoubtTheme: "{0}:{1}: {2}; this theme is left out", "{0}:{1}：{2}；已略过此主题";
    DoubtWords: "{0}:{1}: {2}; this sentence stays English", "{0}:{1}：{2}；此句保持英文";
    DoubtWordsFile: "{0}:{1}: {2}; the screen stays English", "{0}:{1}：{2}；界面保持英文";
    DoubtWordsMore: "{0}: {1} more sentences stay English for such reasons", "{0}：另有 {1} 句因类似原因保持英文";
    DoubtNoWords: "there is no language `{0}`: no file {1}; `hearsay config words` prints one to translate", "没有语言 `{0}`：缺少文件 {1}；`hearsay config words` 可打印待翻译的文件";
    WordsName: "no sentence is called `{0}`", "没有名为 `{0}` 的句子";
    WordsText: "a sentence is a text in quotes, not empty and without control characters", "句子须为带引号的文字，不能为空，也不能含控制字符";
    WordsArguments: "it takes other arguments than the English one: `{0}`", "参数与英文句子不同：`{0}`";
    ThemeUnknown: "no theme is called `{0}`; there are: auto, {1}", "没有名为 `{0}` 的主题；可选：auto, {1}";
    ThemeWorn: "theme: {0}", "主题：{0}";
    ThemeAuto: "as the terminal shows it best", "由终端决定";
    ThemeDark: "dark", "深色";
    ThemeLight: "light", "浅色";
    ThemeContrast: "high contrast", "高对比度";
    ThemeSixteen: "the terminal's sixteen colours", "终端的十六色";
    ThemeBase: "`base` must be one of: {0}", "`base` 必须是其中之一：{0}";
    ThemeRole: "no role is called `{0}`; there are: {1}", "没有名为 `{0}` 的角色；可用：{1}";
    ThemePaint: "`{0}` must be a colour (`#rrggbb`, a name such as `cyan` or `bright-red`, a number up to 255), `on` and another, and `bold`, `dim`, `italic`, `underlined` or `reversed`", "`{0}` 必须是颜色（`#rrggbb`、`cyan` 或 `bright-red` 之类的名称、不超过 255 的数字）、`on` 加另一颜色，以及 `bold`、`dim`、`italic`、`underlined` 或 `reversed`";

    // Why a model server was taken.
    BrainTook: "took {0} at {1}: it answered with {2} models", "已选用 {1} 的 {0}：它提供 {2} 个模型";
    BrainTookOne: "took {0} at {1}: it answered with {2} model", "已选用 {1} 的 {0}：它提供 {2} 个模型";
    BrainTookLoading: "took {0} at {1}: it is loading its model", "已选用 {1} 的 {0}：它正在加载模型";
    BrainTookConfigured: "took {0}, as configured", "按配置选用 {0}";
    BrainTookSilent: "took {0}, as configured, though it is of no use so far: {1}", "按配置选用 {0}，但目前无法使用：{1}";
    BrainTookBuiltin: "the built-in brain answers, as configured", "按配置由内置大脑回答";
    BrainTookLocal: "a model on this machine answers, as configured", "按配置由本机的模型回答";
    BrainNoneFound: "the built-in brain answers: no model server was found on this machine (looked for {0})", "由内置大脑回答：本机未找到模型服务器（已查找 {0}）";

    // Why a model server gave no answer, and what helps. What the server itself says follows.
    BrainAddress: "`{0}` is not the address of a model server: {1}", "`{0}` 不是模型服务器的地址：{1}";
    BrainAddressHint: "write it like `http://127.0.0.1:11434/v1`; a key belongs into the configuration, not into the address", "请写成 `http://127.0.0.1:11434/v1` 这样；密钥应写在配置里，不要写在地址里";
    BrainBusy: "the model server at {0} takes no more questions just now{1}", "{0} 的模型服务器暂不接受更多问题{1}";
    BrainBusyHint: "wait a little and ask again, or choose another model", "请稍候再问，或换一个模型";
    BrainAskAgainIn: "ask again in {0} s", "请在 {0} 秒后再问";
    BrainCut: "the model server closed the connection in the middle of the answer", "模型服务器在回答中途关闭了连接";
    BrainCutHint: "ask again; if it happens every time, look into the log of the model server", "请再问一次；若每次都这样，请查看模型服务器的日志";
    BrainFaulty: "the model server at {0} has a fault of its own (HTTP {2}){1}", "{0} 的模型服务器自身出错（HTTP {2}）{1}";
    BrainFaultyHint: "ask again; if it stays, look into the log of the model server", "请再问一次；若一直如此，请查看模型服务器的日志";
    BrainHostUnknown: "no machine is called `{0}`", "找不到名为 `{0}` 的主机";
    BrainHostUnknownHint: "check the spelling of the address and the network", "请检查地址拼写和网络";
    BrainHungUp: "the model server at {0} closed the connection without an answer", "{0} 的模型服务器没有回答就关闭了连接";
    BrainPlainHttp: "the key for {0} was not sent: the connection is not encrypted", "{0} 的密钥没有发送：连接未加密";
    BrainPlainHttpHint: "use an address that begins with `https://`, or take the key out of the configuration if this server needs none", "请使用以 `https://` 开头的地址；若该服务器不需要密钥，请从配置中去掉密钥";
    BrainKeyRefused: "the model server at {0} refused the key{1}", "{0} 的模型服务器拒绝了密钥{1}";
    BrainKeyRefusedHint: "check the key, for instance in `OPENAI_API_KEY`, and that it belongs to this server", "请检查密钥（例如 `OPENAI_API_KEY`），并确认它属于该服务器";
    BrainKeyUnusable: "the key for {0} holds characters that no header can carry", "{0} 的密钥含有无法放入请求头的字符";
    BrainKeyUnusableHint: "copy the key again: it must be one line of plain letters and digits", "请重新复制密钥：它应是一行普通的字母和数字";
    BrainKeyWanted: "the model server at {0} wants a key{1}", "{0} 的模型服务器需要密钥{1}";
    BrainKeyWantedHint: "set `OPENAI_API_KEY`", "请设置 `OPENAI_API_KEY`";
    BrainLoading: "the model server at {0} is still loading its model", "{0} 的模型服务器仍在加载模型";
    BrainLoadingHint: "ask again in a few seconds", "请过几秒再问";
    BrainModelUnknown: "the model server at {0} does not have the model `{2}`{1}", "{0} 的模型服务器没有模型 `{2}`{1}";
    BrainModelUnknownHint: "choose one of the models it offers, or let the server fetch this one", "请选择它提供的模型，或让服务器下载该模型";
    BrainNobodyThere: "nothing listens at {0}", "{0} 没有程序在监听";
    BrainNobodyThereHint: "start the model server, or check the port in the address", "请启动模型服务器，或检查地址中的端口";
    BrainNotFound: "{0} answers, but has no chat there{1}", "{0} 有应答，但那里没有聊天接口{1}";
    BrainNotFoundHint: "check the path of the address: it usually ends in `/v1`", "请检查地址的路径：通常以 `/v1` 结尾";
    BrainPage: "{0} answered with a web page, not as a model server", "{0} 返回的是网页，不是模型服务器";
    BrainPageHint: "check the address; on a guest network, sign in with a browser first", "请检查地址；在访客网络中请先用浏览器登录";
    BrainRedirected: "the model server at {0} sends us on to {1}", "{0} 的模型服务器要求转到 {1}";
    BrainRedirectedHint: "if you trust it, set the address to `{0}`; the key was not sent there", "如果信任它，请把地址设为 `{0}`；密钥没有发送到那里";
    BrainRejected: "the model server at {0} did not take the question (HTTP {2}){1}", "{0} 的模型服务器没有接受问题（HTTP {2}）{1}";
    BrainRejectedHint: "check the model and the settings of this brain", "请检查这个大脑的模型和设置";
    BrainSilent: "the model server at {0} sent no word for {1} s", "{0} 的模型服务器 {1} 秒没有回应";
    BrainSilentHint: "ask again; a smaller model answers sooner", "请再问一次；较小的模型回答更快";
    BrainStalled: "the answer from {0} stopped for {1} s", "{0} 的回答停顿了 {1} 秒";
    BrainStopped: "the model server at {0} gave up{1}", "{0} 的模型服务器放弃了回答{1}";
    BrainTls: "no safe connection to {0}: {1}", "无法与 {0} 建立安全连接：{1}";
    BrainNoTlsHint: "for a connection without encryption write `http://` instead of `https://`", "若要不加密连接，请用 `http://` 代替 `https://`";
    BrainTlsHint: "check the address, the clock of this machine, and the certificate of the server", "请检查地址、本机时钟和服务器证书";
    BrainUnreachable: "{0} cannot be reached: {1}", "无法连接 {0}：{1}";
    BrainUnreachableHint: "check the network and the address", "请检查网络和地址";
    BrainUnreadable: "the answer from {0} makes no sense: {1}", "{0} 的回答无法理解：{1}";
    BrainUnreadableHint: "check that the address belongs to an OpenAI-compatible server", "请确认该地址属于兼容 OpenAI 的服务器";
    BrainSaid: ": {0}", "：{0}";

    // Why something was not heard or not spoken, and what helps.
    SpeechFailed: "`{0}` gave up: {1}", "`{0}` 未能完成：{1}";
    SpeechEnglishOnly: "`{0}` understands English only, and `{1}` is spoken", "`{0}` 只懂英语，而所说的是 `{1}`";
    SpeechEnglishOnlyHint: "set `ears.use` to an OpenAI-compatible server that knows the language, or `voice.recognition_language` to `en-US`", "请把 `ears.use` 设为懂该语言的 OpenAI 兼容服务器，或把 `voice.recognition_language` 设为 `en-US`";
    SpeechMute: "`{0}` gave no sound", "`{0}` 没有给出声音";
    SpeechOdd: "what `{0}` gave is no sound that can be played: {1}", "`{0}` 给出的不是可播放的声音：{1}";
    SpeechSilent: "`{0}` gave nothing for {1} s and was stopped", "`{0}` 在 {1} 秒内没有任何输出，已停止它";
    SpeechSilentHint: "try again; if it stays, choose another in the settings `ears.use` and `voice.use`", "请重试；若一直如此，请在设置 `ears.use` 和 `voice.use` 中换一个";
    SpeechTooLong: "the recording lasts {0} s, and `{1}` takes {2} s at most", "录音长 {0} 秒，而 `{1}` 最多接受 {2} 秒";
    SpeechTooBig: "the recording is too large for {0}", "录音太大，{0} 不接受";
    SpeechTooLongHint: "say it in shorter pieces", "请分成较短的几段来说";
    SpeechNoEarsThere: "{0} answers, but makes no words of speech there", "{0} 有应答，但那里没有语音识别接口";
    SpeechNoVoiceThere: "{0} answers, but makes no speech there", "{0} 有应答，但那里没有语音合成接口";
    SpeechKeyHint: "set `{0}.key`, for instance to `env:OPENAI_API_KEY`", "请设置 `{0}.key`，例如 `env:OPENAI_API_KEY`";
    SpeechModelHint: "check `{0}.model` and the language", "请检查 `{0}.model` 和语言";
    SpeechEndless: "what `{0}` gives has no end; it was stopped", "`{0}` 的输出没有尽头，已停止它";
    SpeechEarsOff: "speech is not heard: `ears.use` is `none`", "不识别语音：`ears.use` 为 `none`";
    SpeechVoiceOff: "nothing is spoken: `voice.use` is `none`", "不朗读：`voice.use` 为 `none`";
    SpeechNoEars: "nothing on this machine makes words of speech", "本机没有能识别语音的程序";
    SpeechNoVoice: "nothing on this machine makes speech of words", "本机没有能朗读的程序";
    SpeechNotThere: "`{0}` is not on this machine", "本机没有 `{0}`";
    SpeechUnknown: "`{0}` is nothing that can be chosen", "没有 `{0}` 这个选择";
    SpeechChooseHint: "set `{0}.use` to one of: {1}", "请把 `{0}.use` 设为其中之一：{1}";
    SpeechWishRefused: "only the configuration of the backend may name a command or an address to hear with, not a wish: `{0}`", "只有后端的配置才能指定用来识别的命令或地址，不能由请求指定：`{0}`";
    SpeechWishRefusedHint: "set `ears.use` in the configuration of the backend", "请在后端的配置中设置 `ears.use`";
    SpeechEarsHint: "{0} (modest, English only), or set `ears.use` to the address of an OpenAI-compatible server such as `http://127.0.0.1:8000/v1`", "{0}（能力有限，仅英语），或把 `ears.use` 设为 OpenAI 兼容服务器的地址，例如 `http://127.0.0.1:8000/v1`";
    SpeechVoiceHint: "{0}, or set `voice.use` to the address of an OpenAI-compatible server such as `http://127.0.0.1:8880/v1`", "{0}，或把 `voice.use` 设为 OpenAI 兼容服务器的地址，例如 `http://127.0.0.1:8880/v1`";
    SpeechInstall: "install `{0}`", "请安装 `{0}`";
    SpeechInstallBy: "install it: `{0}`", "请安装：`{0}`";
    SpeechBetterHint: "for a better voice: {0}", "若想要更好的语音：{0}";
    SpeechRobot: "built-in robot voice", "内置机器人语音";
    SpeechSystemVoice: "the voice of the system", "系统语音";
    SpokenCode: "code block, {0} lines", "代码块，{0} 行";
    SpokenCodeLine: "code block, {0} line", "代码块，{0} 行";
    SpokenLink: "link to {0}", "{0} 的链接";
    SpokenBareLink: "link", "链接";
    SpeechEnglishName: "{0} (English)", "{0}（英语）";
    ModelDamaged: "the model file {0} cannot be used: {1}", "模型文件 {0} 无法使用：{1}";
    ModelDumb: "`{0}` cannot read words of the language `{1}` aloud", "`{0}` 不会朗读语言 `{1}` 的文字";
    ModelDumbHint: "install `espeak-ng`, which tells voices how words are said, or choose another voice with `voice.use`", "请安装 `espeak-ng`（它告诉语音模型如何发音），或用 `voice.use` 换一个语音";
    ModelLacks: "the model in {0} lacks its file {1}", "{0} 中的模型缺少文件 {1}";
    ModelAgainHint: "get the model again, or put the file there", "请重新获取该模型，或把文件放到那里";
    ModelNothing: "there is no model in {0}", "{0} 中没有模型";
    ModelKnownHint: "models that can be used: Moonshine, Whisper, SenseVoice and streaming zipformers hear, VITS (Piper), Kokoro and MeloTTS speak, Qwen, SmolLM and Llama answer; all as ONNX, with the files they are published with", "可用的模型：Moonshine、Whisper、SenseVoice 和流式 zipformer 用于识别，VITS（Piper）、Kokoro 和 MeloTTS 用于朗读，Qwen、SmolLM 和 Llama 用于回答；均为 ONNX 格式，并带有随其发布的文件";
    ModelFolderHint: "models belong in {0}, each in a folder of its own", "模型应放在 {0} 中，每个模型一个文件夹";
    ModelOther: "{0} is a model of another kind: it has no `{1}`", "{0} 是另一种模型：它没有 `{1}`";
    ModelHears: "`{0}` hears, and neither speaks nor answers", "`{0}` 只会识别，不会朗读或回答";
    ModelHearsHint: "set `ears.use` to it; `hearsay models list` says what each model is for", "请把它设为 `ears.use`；`hearsay models list` 会列出每个模型的用途";
    ModelSpeaks: "`{0}` speaks, and neither hears nor answers", "`{0}` 只会朗读，不会识别或回答";
    ModelSpeaksHint: "set `voice.use` to it; `hearsay models list` says what each model is for", "请把它设为 `voice.use`；`hearsay models list` 会列出每个模型的用途";
    ModelThinks: "`{0}` answers, and neither hears nor speaks", "`{0}` 只会回答，不会识别或朗读";
    ModelThinksHint: "set `brain.use` to it; `hearsay models list` says what each model is for", "请把它设为 `brain.use`；`hearsay models list` 会列出每个模型的用途";
    ModelRefused: "the model file {0} cannot be run: {1}", "模型文件 {0} 无法运行：{1}";
    ModelAlone: "this build runs models with its own engine only", "此版本只能用自带的引擎运行模型";
    ModelAloneHint: "empty `models.onnxruntime`, or build the program with the feature `onnxruntime`", "请清空 `models.onnxruntime`，或在构建本程序时启用特性 `onnxruntime`";
    ModelLibrary: "onnxruntime cannot be used: {0}", "无法使用 onnxruntime：{0}";
    ModelLibraryHint: "set `models.onnxruntime` to the path of its library, version 1.17 or later (the Python package `onnxruntime` brings one in its folder `capi`), or empty it to use the built-in engine", "请把 `models.onnxruntime` 设为其库文件的路径，版本不低于 1.17（Python 包 `onnxruntime` 的 `capi` 文件夹中就有），或将其清空以使用自带的引擎";

    // Why the backend gave no answer, and what helps.
    ServeBrainHint: "{0}; or choose another brain", "{0}；或换一个大脑";
    ServeBrainUnknown: "there is no brain `{0}` here", "这里没有大脑 `{0}`";
    ServeBrainUnknownHint: "choose one of those that it offers", "请从它提供的大脑中选择";
    ServeNoLocalBrain: "no model on this machine answers (asked for: `{0}`)", "本机没有可以回答的模型（要的是：`{0}`）";
    ServeNoLocalBrainAtAll: "there is no model on this machine that answers", "本机没有可以回答的模型";
    ServeNoLocalBrainHint: "`hearsay models list` shows models for the brain, and `hearsay models pull NAME` fetches one", "`hearsay models list` 会列出用于大脑的模型，`hearsay models pull 名称` 可以下载";
    ServeBusy: "{0} messages are being answered already", "已有 {0} 条消息正在回答";
    ServeBusyHint: "wait for an answer, or stop one", "请等待回答，或停止其中一条";
    ServeEndless: "the answer of {0} does not end: {1} bytes have come", "{0} 的回答没有尽头：已收到 {1} 字节";
    ServeEndlessHint: "ask for a shorter answer", "请要求更短的回答";
    ServeFiltered: "{0} withheld its answer", "{0} 未给出回答";
    ServeFilteredHint: "ask in other words, or choose another brain", "请换个说法，或换一个大脑";
    ServeNoWords: "the message holds no words", "消息里没有文字";
    ServeNothingSaid: "{0} ended its answer without a word", "{0} 一个字也没说就结束了";
    ServeAgainHint: "ask again, or choose another brain", "请再问一次，或换一个大脑";
    ServePersonaUnknown: "there is no persona `{0}`", "没有人设 `{0}`";
    ServePersonaHint: "choose one of {0}", "请从 {0} 中选择";
    ServePersonaNear: "did you mean `{0}`?", "是否想用 `{0}`？";
    ServeRecordings: "{0} recordings wait to be heard already", "已有 {0} 段录音在等待识别";
    ServeRecordingsHint: "wait until one is heard", "请等其中一段识别完";
    ServeTooLong: "the recording is longer than {0} minutes", "录音超过 {0} 分钟";
    ServeTooLongHint: "say it in parts", "请分段说";
    ServeClosing: "the server is about to end, and begins nothing new", "服务器即将关闭，不再接受新的请求";
    ServeFull: "the server answers as many questions as it may at the same time", "服务器正在回答的问题已达上限";
    ServeRate: "more than {0} messages in a second", "每秒消息超过 {0} 条";
    ServeSoonHint: "try again in a moment", "请稍后再试";
    ServeTooLarge: "a message of {0} bytes; at most {1} are read", "消息有 {0} 字节；最多只读 {1} 字节";
    ServeTooLargeHint: "send a part of it", "请只发送一部分";
    ServeToolRounds: "{0} used tools {1} times and still gave no answer", "{0} 用了 {1} 次工具，仍没有回答";

    // What `hearsay keys test` says.
    TrialTitle: "key test: {0}", "按键测试：{0}";
    TrialBetween: "keys come through `{0}`, which usually keeps releases to itself; outside of it the terminal may tell more", "按键经由 `{0}` 传来，它通常不传递松开；在它之外，终端也许能告知更多";
    TrialHold: "1 of 2: hold {0} for two seconds, then let it go", "第 1 步，共 2 步：按住 {0} 两秒，然后松开";
    TrialHoldAgain: "it was tapped; it is to be held", "刚才是轻按；请按住";
    TrialTap: "2 of 2: tap {0}, wait a second, and tap it again", "第 2 步，共 2 步：轻按 {0}，等一秒，再轻按一次";
    TrialTapAgain: "it was held; it is to be tapped twice", "刚才是按住；请轻按两次";
    TrialPress: "press", "按下";
    TrialRepeat: "repeat", "重复";
    TrialRelease: "release", "松开";
    TrialOff: "the assistant would not record now", "助手此刻不会录音";
    TrialHeld: "the assistant would record until the key is let go", "助手此刻会录音，直到松开";
    TrialLatched: "the assistant would record until the next tap", "助手此刻会录音，直到再次轻按";
    TrialLeave: "{0} leaves", "按 {0} 离开";
    TrialLeft: "left before the end; nothing is kept", "中途离开；没有保存任何结果";
    TrialNoTerminal: "keys can be tried in a terminal only, and the input is none", "只能在终端中测试按键，而当前输入不是终端";
    TrialNoTerminalHint: "run `hearsay keys test` in the terminal that you want to talk in, without a pipe", "请在要用来说话的终端里运行 `hearsay keys test`，不要用管道";
    GradeHold: "releases are seen: hold and tap both work", "能看到松开：按住和轻按都可用";
    GradeEither: "no releases, repeats every {0} ms after {1}: hold works by timing, tap is exact", "看不到松开，{1} 毫秒后每 {0} 毫秒重复：按住靠计时，轻按准确";
    GradeTap: "neither releases nor repeats are seen: tap to start, tap to stop", "既看不到松开也看不到重复：轻按开始，再轻按结束";
    GradeKept: "kept for `{0}`", "已为 `{0}` 保存";

    // What `hearsay script` says of a script, and of how it went.
    ScriptNotText: "the script is not UTF-8 text from here on", "脚本从此处起不是 UTF-8 文本";
    ScriptNotTextHint: "save it as UTF-8", "请存为 UTF-8";
    ScriptSyntaxHint: "correct the line; every step begins with `[[step]]`, and texts need quotes", "请更正此行；每个步骤以 `[[step]]` 开头，文本需要引号";
    ScriptTooLong: "longer than {0} bytes, which no script is", "超过 {0} 字节，不可能是脚本";
    ScriptTooLongHint: "is it the right file?", "文件选对了吗？";
    ScriptUnreadableHint: "check the name and who may read it", "请检查文件名和读取权限";
    ScriptWrongHint: "correct each of them; `docs/scripts.md` lists the verbs", "请逐一更正；`docs/scripts.md` 列出了所有动词";
    ScriptEmpty: "there is no `[[step]]`", "没有任何 `[[step]]`";
    ScriptNoVerb: "the step does nothing: it needs one of {0}", "该步骤什么也不做：需要 {0} 之一";
    ScriptVerbs: "a step does one thing, and this one has {0}", "一个步骤只做一件事，而这里有 {0}";
    ScriptUnknown: "nothing is called `{0}` here", "这里没有名为 `{0}` 的项";
    ScriptUnknownNear: "nothing is called `{0}` here; did you mean `{1}`?", "这里没有名为 `{0}` 的项；是否想用 `{1}`？";
    ScriptStray: "`{0}` belongs to {1}", "`{0}` 只用于 {1}";
    ScriptValue: "`{0}` must be {1}, but is: {2}", "`{0}` 必须是{1}，但现在是：{2}";
    ScriptNoState: "no state is called `{0}`; did you mean `{1}`?", "没有名为 `{0}` 的状态；是否想用 `{1}`？";
    ScriptText: "a text", "文本";
    ScriptFile: "the name of a WAV file", "WAV 文件名";
    ScriptState: "the name of a state", "状态名";
    ScriptRange: "`{ min = .., max = .. }` in milliseconds", "以毫秒计的 `{ min = .., max = .. }`";
    ScriptMs: "a whole number of milliseconds, at most 3600000", "毫秒整数，最多 3600000";
    ScriptAction: "a command, as it is typed after `/`", "命令，如在 `/` 之后输入的那样";
    ScriptSteps: "steps: `[[step]]`", "步骤：`[[step]]`";
    ScriptOk: "ok", "通过";
    ScriptFailed: "failed", "失败";
    ScriptNote: "note", "提示";
    ScriptEnd: "{0} of {1} steps held, {2} failed, {3} not played; {4} s", "{1} 个步骤中 {0} 个通过，{2} 个失败，{3} 个未执行；{4} 秒";
    ScriptStateIs: "the state is `{0}`", "状态是 `{0}`";
    ScriptFault: "the state is `error`: {0}", "状态是 `error`：{0}";
    ScriptNotHeard: "nothing is being recorded", "没有在录音";
    ScriptMicOpen: "the microphone is open already", "麦克风已经打开";
    ScriptNoSound: "the microphone gave no sound within {0} ms", "麦克风在 {0} 毫秒内没有声音";
    ScriptNoEnd: "the recording did not end", "录音没有结束";
    ScriptNoAnswer: "there is no answer", "没有回答";
    ScriptAnswerIs: "the answer is `{0}`", "回答是 `{0}`";
    ScriptNoQuestion: "nothing was heard", "什么也没听到";
    ScriptQuestionIs: "what was heard is `{0}`", "听到的是 `{0}`";
    ScriptNoNote: "nothing was told", "没有任何提示";
    ScriptNoteIs: "what was told is `{0}`", "提示是 `{0}`";
    ScriptSpokenIs: "{0} ms were spoken", "朗读了 {0} 毫秒";
    ScriptNothingToStop: "there was nothing to interrupt", "没有可打断的内容";
    ScriptOverBefore: "the answer was over before", "回答在此之前已结束";
    ScriptLeft: "the program was left", "程序已退出";
    ScriptConnecting: "nobody answered within {0} s", "{0} 秒内无人应答";

    // What `hearsay devices` says.
    Microphones: "microphones", "麦克风";
    Loudspeakers: "loudspeakers", "扬声器";
    DevicesNone: "none", "无";
    DevicesDefault: "default", "默认";
    DevicesMonitor: "monitor: hears what a loudspeaker plays", "监听：听到扬声器播放的内容";
    DevicesPart: "part of the sound system", "声音系统的组件";
    LoopWay: "`{0}` to `{1}`", "`{0}` 到 `{1}`";
    LoopHeard: "heard after {0} ms at {1} dB, {2}% alike; the room before it: {3} dB", "{0} 毫秒后听到，{1} dB，相似度 {2}%；之前的环境声：{3} dB";
    LoopStopped: "silent {0} ms after a stop", "停止后 {0} 毫秒静音";
    LoopUnheard: "the sound did not come back; the loudest heard: {0} dB", "没有听到播放的声音；听到的最大声：{0} dB";
    LoopUnheardHint: "turn the loudspeaker up, unmute the microphone, or bring them together; headphones do not reach it", "请调高扬声器音量、取消麦克风静音，或让两者靠近；耳机的声音传不到麦克风";
    LoopLost: "{0} samples or blocks were lost on the way: the machine or the sound server is busy", "途中丢失 {0} 个样本或数据块：机器或声音服务很忙";
    ClipKept: "`{0}`: {1} s, peak {2} dB", "`{0}`：{1} 秒，峰值 {2} dB";
    ClipSilent: "heard nothing: every sample is zero", "什么也没听到：所有样本都是零";

    // What can be wrong with sound, and what helps.
    SoundBusy: "another program has `{0}` for itself", "`{0}` 正被其他程序独占";
    SoundBusyHint: "close that program, or choose another device with `hearsay devices`", "请关闭该程序，或用 `hearsay devices` 另选设备";
    SoundDenied: "the system does not let us use `{0}`", "系统不允许使用 `{0}`";
    SoundDeniedHint: "allow this terminal to use it in the privacy settings; on Linux join the group `audio`", "请在隐私设置中允许此终端使用；在 Linux 上请加入 `audio` 组";
    SoundExists: "there is a file `{0}` already", "文件 `{0}` 已存在";
    SoundGone: "`{0}` is gone", "`{0}` 已断开";
    SoundGoneHint: "plug it in again, or choose another device with `hearsay devices`", "请重新插入，或用 `hearsay devices` 另选设备";
    SoundHung: "sound does not answer", "声音系统没有响应";
    SoundServerHint: "start the sound server again, for example `systemctl --user restart pipewire pipewire-pulse` or `pulseaudio --start`", "请重启声音服务，例如 `systemctl --user restart pipewire pipewire-pulse` 或 `pulseaudio --start`";
    SoundMute: "`{0}` gives digital silence: it is muted or not allowed", "`{0}` 只有数字静音：已静音或未获授权";
    SoundMuteHint: "unmute it, and allow this terminal to use it in the privacy settings", "请取消静音，并在隐私设置中允许此终端使用";
    SoundNotPlayable: "the speech came as {0}, which cannot be played", "语音格式是 {0}，无法播放";
    SoundNotPlayableHint: "let the backend send WAV, MP3 or plain samples", "请让后端发送 WAV、MP3 或原始采样";
    SoundTooMuch: "more speech came at once than is kept; the rest of it is not played", "一次收到的语音太多；其余部分不会播放";
    SoundTooMuchHint: "ask for a shorter answer", "请要求更短的回答";
    SoundNoMicrophone: "no microphone found; text chat works", "没有找到麦克风；文字聊天不受影响";
    SoundNoLoudspeaker: "no loudspeaker found; text chat works", "没有找到扬声器；文字聊天不受影响";
    SoundNoDeviceHint: "plug one in and see `hearsay devices --all`", "请插入设备，然后查看 `hearsay devices --all`";
    SoundNoSystem: "no sound here: neither a sound server nor ALSA; text chat works", "此系统没有声音：既没有声音服务也没有 ALSA；文字聊天不受影响";
    SoundNoSystemHint: "start PulseAudio or PipeWire, or install ALSA (on Debian the package `libasound2`)", "请启动 PulseAudio 或 PipeWire，或安装 ALSA（Debian 上是 `libasound2` 包）";
    SoundNoSpace: "there is no space left for `{0}`", "没有空间写入 `{0}`";
    SoundNoSpaceHint: "free some space; what was written so far is kept", "请释放一些空间；已写入的部分会保留";
    SoundNotWav: "`{0}` is no sound file that is known here: it begins with `{1}`", "`{0}` 不是已知的声音文件：开头是 `{1}`";
    SoundNotWavHint: "turn it into WAV, for example with `ffmpeg -i FILE out.wav`", "请转换为 WAV，例如用 `ffmpeg -i FILE out.wav`";
    SoundWavCut: "`{0}` ends before its sound begins", "`{0}` 在声音开始之前就结束了";
    SoundWavEmpty: "`{0}` is empty", "`{0}` 是空文件";
    SoundWavOdd: "`{0}` holds sound in a form we cannot read: {1}", "`{0}` 的声音格式无法读取：{1}";
    SoundOddFormat: "`{0}` offers only a format we do not know: {1}", "`{0}` 只提供未知的格式：{1}";
    SoundOther: "`{0}` does not work: {1}", "`{0}` 无法使用：{1}";
    SoundOtherHint: "choose another device with `hearsay devices`", "请用 `hearsay devices` 另选设备";
    SoundServerDead: "the sound server does not answer: {0}", "声音服务没有响应：{0}";
    SoundServerRefuses: "the sound server does not let us in: {0}", "声音服务拒绝连接：{0}";
    SoundServerRefusesHint: "run this program as the user whose server it is, or let `PULSE_SERVER` and `PULSE_COOKIE` lead to one of yours", "请以该声音服务所属的用户运行，或让 `PULSE_SERVER` 和 `PULSE_COOKIE` 指向自己的服务";
    SoundStalled: "`{0}` is open, but nothing comes of it", "`{0}` 已打开，但没有任何数据";
    SoundUnknownMicrophone: "there is no microphone `{0}`", "没有麦克风 `{0}`";
    SoundUnknownLoudspeaker: "there is no loudspeaker `{0}`", "没有扬声器 `{0}`";
    SoundNearHint: "choose one of {0}", "请从 {0} 中选择";
    SoundPathHint: "choose another name or folder", "请换一个文件名或目录";
    SoundUnreadable: "`{0}` cannot be read: {1}", "无法读取 `{0}`：{1}";
    SoundUnreadableHint: "check the name and who may read it", "请检查文件名和读取权限";
    SoundUnwritable: "`{0}` cannot be written: {1}", "无法写入 `{0}`：{1}";

    // What `hearsay bench` says.
    BenchNoFiles: "there is no WAV file with a text of the same name in {0}", "{0} 中没有带同名文本的 WAV 文件";
    BenchNoFilesHint: "put what is said in `a.wav` into `a.txt`", "请把 `a.wav` 中所说的话写入 `a.txt`";
    BenchEars: "{0}: {1} recordings, {2} s", "{0}：{1} 段录音，{2} 秒";
    BenchWer: "wrong words: {0} % ({1} of {2}); wrong characters: {3} %", "词错误率：{0} %（{2} 中有 {1}）；字错误率：{3} %";
    BenchRtf: "time for each second of sound: {0} s", "每秒声音所需时间：{0} 秒";
    BenchPartial: "first words while it is spoken: {0} ms, the slowest {1} ms; of the guesses {2} % were stable", "说话时首个词：{0} 毫秒，最慢 {1} 毫秒；猜测中 {2} % 是稳定的";
    BenchFinal: "all words after the end: {0} ms, the slowest {1} ms", "结束后得到全部文字：{0} 毫秒，最慢 {1} 毫秒";
    BenchVoice: "{0}: {1} sentences, {2} s of speech", "{0}：{1} 句，{2} 秒语音";
    BenchFirst: "first sound: {0} ms, the slowest {1} ms", "首个声音：{0} 毫秒，最慢 {1} 毫秒";
    BenchSpeed: "{0} times as fast as it is spoken", "比说话快 {0} 倍";
    BenchHeard: "understood again by {0}: {1} % of the words wrong", "由 {0} 重新识别：{1} % 的词有误";
    BenchBrain: "{0}: {1} questions", "{0}：{1} 个问题";
    BenchThought: "first words: {0} ms, the slowest {1} ms", "首个词：{0} 毫秒，最慢 {1} 毫秒";
    BenchTokens: "tokens in a second: {0}", "每秒词元数：{0}";
    BenchCharacters: "characters in a second: {0} (it does not count its tokens)", "每秒字符数：{0}（它不统计词元）";
    BenchFailed: "{0}: {1}", "{0}：{1}";
    // Models on this machine: what `hearsay models` and the list on the screen say.
    ModelsDisk: "`{0}`: {1}", "`{0}`：{1}";
    ModelsDiskHint: "check the folder and who may write there", "请检查该目录及其写入权限";
    ModelsFullHint: "free some space and run the same command again; what came so far is kept", "请释放一些空间后再次运行同一命令；已下载的部分会保留";
    ModelsBusy: "another program is changing `{0}` just now", "另一个程序正在更改 `{0}`";
    ModelsBusyHint: "wait until it is done and run the same command again", "请等它完成后再次运行同一命令";
    ModelsCatalogueHint: "correct the line; `docs/models.md` shows how a model is listed", "请更正此行；`docs/models.md` 说明了如何列出模型";
    ModelsUnknown: "no model is called `{0}`", "没有名为 `{0}` 的模型";
    ModelsUnknownHint: "choose one of {0}", "请从 {0} 中选择";
    ModelsNotHere: "`{0}` is not on this machine", "本机没有 `{0}`";
    ModelsNotHereHint: "run `hearsay models pull {0}`", "请运行 `hearsay models pull {0}`";
    PullNot: "`{0}` of `{1}` was not fetched", "未能下载 `{1}` 的 `{0}`";
    PullFrom: "; {0}: {1}", "；{0}：{1}";
    PullBusy: "too many ask there just now (HTTP {0})", "那里目前请求过多（HTTP {0}）";
    PullBusyFor: "too many ask there just now (HTTP {0}); it asks to wait for {1} s", "那里目前请求过多（HTTP {0}）；要求等待 {1} 秒";
    PullCut: "the connection ended after {0} of {1} bytes", "连接在 {0} / {1} 字节后中断";
    PullCutSomewhere: "the connection ended after {0} bytes", "连接在 {0} 字节后中断";
    PullDenied: "it is not given to us (HTTP {0})", "拒绝提供（HTTP {0}）";
    PullDeniedHint: "accept its licence there, and set `models.token` to a token that may read it", "请在那里接受其许可，并把 `models.token` 设为有读取权限的令牌";
    PullFaulty: "a fault of its own (HTTP {0})", "对方自身出错（HTTP {0}）";
    PullHashCatalogue: "not the file that its publisher names: its SHA-256 should be {0}, but is {1}", "不是发布者所指的文件：SHA-256 应为 {0}，实为 {1}";
    PullHashHub: "not the file that the hub names: its SHA-256 should be {0}, but is {1}", "不是模型站所指的文件：SHA-256 应为 {0}，实为 {1}";
    PullHashFirst: "not the file that came first and is trusted since: its SHA-256 should be {0}, but is {1}", "不是最初下载并一直信任的文件：SHA-256 应为 {0}，实为 {1}";
    PullHashHint: "somebody on the way gives another file; try another hub with `--hub URL`", "途中有人给出了别的文件；请用 `--hub URL` 换一个模型站";
    PullHashFirstHint: "if its publisher has changed it and you trust that, remove the model with `hearsay models rm` first", "如果是发布者改动了它而你信任这一改动，请先用 `hearsay models rm` 删除该模型";
    PullHostHint: "check the network, or name a hub that can be reached with `--hub URL`", "请检查网络，或用 `--hub URL` 指定可以访问的模型站";
    PullHungUp: "it closed the connection without an answer", "它没有回答就关闭了连接";
    PullLength: "not the file that was meant: it should have {0} bytes, but has {1}", "不是所要的文件：应有 {0} 字节，实为 {1}";
    PullLoop: "it sends us on and on", "不断重定向";
    PullEmpty: "the file is empty there", "那里的文件是空的";
    PullMessage: "a message came in the place of the file", "收到的是一条消息，而不是文件";
    PullPage: "a web page came in the place of the file", "收到的是网页，而不是文件";
    PullPageHint: "if this network wants you to log in first, do that in a browser", "如果此网络需要先登录，请在浏览器中登录";
    PullPointer: "only the note that git keeps in the place of the file is there", "那里只有 git 代替文件保存的指针";
    PullMissing: "it is not there (HTTP {0})", "那里没有（HTTP {0}）";
    PullOdd: "the answer makes no sense: {0}", "回答无法理解：{0}";
    PullStalled: "hardly anything came for {0} s", "{0} 秒内几乎没有收到数据";
    PullTokenPlain: "the token was not sent: the connection is not encrypted", "没有发送令牌：连接未加密";
    PullTokenHint: "check `models.token` and `models.hub`", "请检查 `models.token` 和 `models.hub`";
    PullUnsafe: "it sends us on to {0}, without encryption", "它把我们转到未加密的 {0}";
    PullAddressHint: "check `models.hub` and `models.mirrors`: an address begins with `https://`", "请检查 `models.hub` 和 `models.mirrors`：地址以 `https://` 开头";
    PullAgainHint: "run `hearsay models pull {0}` to try again", "运行 `hearsay models pull {0}` 重试";
    PullGoOnHint: "run `hearsay models pull {0}` to go on; {1} are kept", "运行 `hearsay models pull {0}` 继续；已保留 {1}";
    PullByHandHint: "or fetch the file by other means and run `hearsay models import FILE --as {1}`, which puts it into `{0}`", "或用其他方式下载该文件，再运行 `hearsay models import FILE --as {1}`，它会放入 `{0}`";
    PullOffline: "nothing is fetched offline, and these files of `{0}` are missing", "离线时不下载任何内容，而 `{0}` 缺少以下文件";
    PullOfflineFile: "; `{0}` from {1}", "；`{0}`，来自 {1}";
    PullOfflineHint: "unset `HF_HUB_OFFLINE` or `models.offline`; or bring the files here by other means and run `hearsay models import FOLDER --as {1}`, which puts them into `{0}`", "取消 `HF_HUB_OFFLINE` 或 `models.offline`；或用其他方式取得这些文件，再运行 `hearsay models import FOLDER --as {1}`，它会放入 `{0}`";
    PullSpace: "`{0}` needs {1} more in `{2}`, and {3} are free", "`{0}` 还需要 {1} 空间（`{2}`），仅剩 {3}";
    PullSpaceHint: "free some space and run `hearsay models pull {0}` again, or choose another folder with `data_dir`", "请释放一些空间后再次运行 `hearsay models pull {0}`，或用 `data_dir` 换一个目录";
    ImportArchive: "`{0}` cannot be read as it is packed: {1}", "`{0}` 的打包方式无法读取：{1}";
    ImportArchiveHint: "unpack it, for example with `tar -xf`, and import the folder", "请先解包，例如用 `tar -xf`，再导入该目录";
    ImportForeign: "`{0}` holds no file of the model; wanted are {1}", "`{0}` 中没有该模型的文件；需要 {1}";
    ImportForeignHint: "name the model it is of with `--as`", "请用 `--as` 指明是哪个模型";
    ImportUnnamed: "`{0}` does not say which model it is", "`{0}` 没有说明是哪个模型";
    ImportUnnamedHint: "name it with `--as`, one of {0}", "请用 `--as` 指明，可选 {0}";
    ImportWrong: "`{0}` was not taken over: {1}", "未导入 `{0}`：{1}";
    ImportWrongHint: "fetch it again at its source", "请从来源重新获取";
    ModelHere: "here", "已在本机";
    ModelPartial: "{0} of it are here", "已有 {0}";
    ModelAbsent: "not here", "未下载";
    ModelIsDamaged: "damaged: {0}", "已损坏：{0}";
    ModelStranger: "here, though no list names it", "已在本机，但不在列表中";
    ModelAbout: "about {0}", "约 {0}";
    ModelUnweighed: "size unknown", "大小未知";
    ModelSome: "{0} here", "已有 {0}";
    ModelComing: "being fetched", "正在下载";
    ModelDamagedShort: "damaged", "已损坏";
    AskPull: "fetch `{0}`? {1}, licence: {2}, from {3}", "下载 `{0}`？{1}，许可：{2}，来自 {3}";
    PullOneAtATime: "`{0}` is being fetched; one at a time", "正在下载 `{0}`；一次一个";
    NoPull: "nothing is being fetched", "没有正在进行的下载";
    Fetching: "fetching {0}", "正在下载 {0}";
    FetchingElsewhere: "another program is at it", "另一个程序正在下载";
    FetchingAgain: "again in {0} s", "{0} 秒后重试";
    FaultModels: "model", "模型";
    TitleSpeechModels: "models that hear and speak", "语音模型";
    ModelsListHint: "`hearsay models pull ID` brings one here; nothing is fetched unasked", "`hearsay models pull ID` 下载其中一个；未经要求不会下载任何内容";
    PlanSize: "size", "大小";
    PlanLicence: "licence", "许可";
    PlanFrom: "from", "来源";
    PlanTo: "to", "存放";
    PlanCheck: "check", "校验";
    PlanFiles: "{0}, {1} files", "{0}，{1} 个文件";
    PlanPinned: "against the SHA-256 that its publisher names", "与发布者公布的 SHA-256 比对";
    PlanUnpinned: "its publisher's SHA-256 is not known here: against what the hub tells, else the first file is recorded and trusted from then on", "这里没有发布者的 SHA-256：与模型站给出的值比对，否则记录首次下载的文件并从此信任";
    PlanPlain: "not encrypted: anybody on the way could put another file in its place", "未加密：途中任何人都可能替换文件";
    PlanAsk: "fetch it? [y/N] ", "下载吗？[y/N] ";
    PullNeedsYes: "nothing was fetched: there is no terminal to ask in", "没有下载任何内容：没有可供确认的终端";
    PullNeedsYesHint: "run `hearsay models pull {0} --yes`", "请运行 `hearsay models pull {0} --yes`";
    PullDeclined: "nothing was fetched", "没有下载任何内容";
    PullStopped: "stopped; what came of `{0}` is kept", "已停止；`{0}` 已下载的部分会保留";
    PullWaiting: "another program is fetching `{0}`; waiting until it is done", "另一个程序正在下载 `{0}`；等待其完成";
    PullChecking: "looking at `{0}`", "正在检查 `{0}`";
    PullOf: "{0} of {1}", "{0} / {1}";
    PullLeft: "{0} s left", "剩余 {0} 秒";
    PullKept: "`{0}`: {1}, SHA-256 {2}, {3}", "`{0}`：{1}，SHA-256 {2}，{3}";
    TrustCatalogue: "as its publisher names it", "与发布者公布的一致";
    TrustHub: "as the hub names it", "与模型站给出的一致";
    TrustFirst: "recorded, for nobody names one", "已记录，因为无人公布";
    PullAgainIn: "{0}: {1}; again in {2} s", "{0}：{1}；{2} 秒后重试";
    PullElsewhere: "{0}: {1}; asking {2}", "{0}：{1}；改问 {2}";
    PullDone: "`{0}` is here", "`{0}` 已在本机";
    PullAlready: "`{0}` is here already, and right", "`{0}` 已在本机，且完好";
    PullNoDefault: "no model suits the language `{0}`; name one of those that `hearsay models list` shows", "没有适合语言 `{0}` 的模型；请从 `hearsay models list` 中指定一个";
    VerifyGood: "`{0}`: right, {1}", "`{0}`：完好，{1}";
    VerifyCorrupt: "`{0}` is corrupt: its SHA-256 should be {1}, but is {2}", "`{0}` 已损坏：SHA-256 应为 {1}，实为 {2}";
    VerifyGone: "`{0}` is gone", "`{0}` 不见了";
    VerifyUnreadable: "`{0}` cannot be read: {1}", "无法读取 `{0}`：{1}";
    VerifyWhole: "`{0}` is whole and right", "`{0}` 完整且完好";
    VerifyPartial: "`{0}` is not whole yet", "`{0}` 尚不完整";
    VerifyBad: "`{0}` is damaged", "`{0}` 已损坏";
    VerifyBadHint: "run `hearsay models pull {0}` to mend it", "请运行 `hearsay models pull {0}` 修复";
    VerifyNone: "there is no model on this machine", "本机没有模型";
    RmAsk: "remove `{0}` ({1})? [y/N] ", "删除 `{0}`（{1}）吗？[y/N] ";
    RmNeedsYes: "this removes `{0}` ({1}); add `--yes` to do it", "这将删除 `{0}`（{1}）；加上 `--yes` 以确认";
    RmKept: "nothing was removed", "没有删除任何内容";
    RmDone: "`{0}` is removed; {1} are free again", "已删除 `{0}`，释放 {1}";
    ImportTaking: "copying `{0}`", "正在复制 `{0}`";
    ImportSome: "`{0}` is not whole yet; missing are {1}", "`{0}` 尚不完整；缺少 {1}";
    // What a backend does of its own accord.
    TitleCode: "waiting for a code", "等待验证码";
    CodeEnter: "the backend wants to see this code before it talks to us", "后端需要先看到这个验证码";
    CodeWaits: "waiting {0} more · goes on by itself", "还等待 {0} · 完成后自动继续";
    CodeOver: "the code is not waited for any more", "不再等待验证码";
    AskCopy: "{0} wants to put this on the clipboard: {1}", "{0} 想把这段文字放到剪贴板：{1}";

    // The embedded backend.
    BackendGreeting: "connected", "连接已建立";
    BackendFigures: "up for {0}; clients: {1}; messages: {2}", "已运行 {0}；客户端：{1}；消息：{2}";
    BackendCallStarted: "the call has begun", "通话已开始";
    BackendCallStopped: "the call is over", "通话已结束";
    TimerMissed: "{0} (missed: it was due at {1})", "{0}（错过了：应于 {1} 响铃）";

    // Tools of other programs.
    McpArguments: "the arguments cannot be read: {0}", "参数无法读取：{0}";
    McpDied: "the tool server `{0}` has ended", "工具服务器 `{0}` 已退出";
    McpDiedSaying: "the tool server `{0}` has ended: {1}", "工具服务器 `{0}` 已退出：{1}";
    McpFloods: "the tool server `{0}` says too much and was hung up on: {1}", "工具服务器 `{0}` 发送的内容过多，已断开：{1}";
    McpNoStart: "the tool server `{0}` cannot be started: {1}", "工具服务器 `{0}` 无法启动：{1}";
    McpSilent: "the tool server `{0}` gave no answer for {1} s; the use was called off", "工具服务器 `{0}` {1} 秒没有回应，调用已取消";
    AskPermit: "may the tool {0} be used?", "允许使用工具 {0} 吗？";
    AskPermitAloud: "May I use the tool {0}? Say yes or no.", "可以使用工具 {0} 吗？请说可以或不行。";
    PermitOnce: "once", "仅此一次";
    PermitConversation: "in this conversation", "本会话内";
    PermitFrom: "always", "总是允许";
    PermitNone: "never", "永不允许";
    PermitAlways: "{0} may be used without asking from now on", "今后使用 {0} 不再询问";
    PermitNever: "{0} may never be used from now on", "今后不再使用 {0}";
    Summarised: "{0} earlier messages summarised", "已概括较早的 {0} 条消息";
    SummaryFailed: "{0} earlier messages left out", "已略去较早的 {0} 条消息";
    SummaryWhy: "they do not fit any more and could not be summarised: {0}", "已放不下，且无法概括：{0}";
    DetailsOn: "tools are shown in full", "工具将完整显示";
    DetailsOff: "tools are folded", "工具已折叠";
    AskClipboard: "may `{0}` read what is on your clipboard?", "允许 `{0}` 读取剪贴板吗？";
    AskToCopy: "may `{0}` put this on your clipboard?", "允许 `{0}` 把以下内容放入剪贴板吗？";
    RuleAsk: "asks", "询问";
    RuleAllowed: "allowed", "允许";
    RuleNever: "never", "禁止";
    TitleTools: "tools", "工具";
    ToolsOurs: "built in", "内置";
    ToolsIdle: "not wanted yet", "尚未启动";
    ToolsStarting: "starting", "启动中";
    ToolsReady: "ready", "就绪";
    ToolsWaiting: "will be started again", "稍后重启";
    ToolsStopped: "given up; this page starts it again", "已放弃；打开此页会重新启动";
    ToolsLeftOut: "{0} more tools are not offered", "另有 {0} 个工具未提供";
    ToolsNone: "no server of tools is configured; `[mcp.NAME]` in the configuration adds one", "没有配置工具服务器；可在配置中用 `[mcp.NAME]` 添加";
    ToolsUnknown: "the backend does not tell which tools it has", "后端没有说明它有哪些工具";
    ToolsRestart: "{0}; it will be started again", "{0}；稍后将重新启动";
    ToolsGivenUp: "{0}; it is not started again by itself, `/mcp` tries once more", "{0}；不会再自动启动，`/mcp` 可重试";
    McpUnknown: "there is no tool `{0}` any more", "工具 `{0}` 已不存在";
    // A backend that answers over HTTP.
    EngineRefused: "the backend did not change to the engine `{0}`", "后端没有切换到引擎 `{0}`";
    HttpCut: "the answer broke off: {0}", "回答中断了：{0}";
    HttpNoEnd: "its end never came", "没有收到结尾";
    HttpNothing: "`{0}` sent nothing that can be read as an answer", "`{0}` 发来的内容不是回答";
    HttpPage: "`{0}` sent a web page instead of an answer", "`{0}` 发来的是网页，而不是回答";
    HttpPageHint: "networks that want a login answer like that: open the address in a browser", "需要登录的网络会这样应答：请用浏览器打开该地址";
    HttpStatus: "`{0}` answers with status {1}", "`{0}` 的应答状态是 {1}";
    HttpTokenHint: "check the token of this backend in the configuration", "请检查配置中该后端的令牌";
    HttpUnreachable: "`{0}` cannot be asked over HTTP: {1}", "无法通过 HTTP 询问 `{0}`：{1}";

    // Plain text, line by line, where there is no screen.
    RemoteInCall: "a call goes on, and hears you without it", "正在通话，无需录音即可听到你";
    RemoteNothing: "nothing goes on that could be stopped", "没有可停止的内容";
    RemoteEmpty: "there are no words to say", "没有要说的话";
    RemoteNone: "no hearsay runs that could be controlled", "没有可控制的 hearsay 在运行";
    RemoteNoneHint: "start `hearsay` in another terminal first", "请先在另一个终端启动 `hearsay`";
    RemoteNoPid: "no hearsay with the process id {0} can be controlled", "没有进程号为 {0} 的可控制的 hearsay";
    RemoteNoPidHint: "without `--pid` the one that was started last is meant", "不加 `--pid` 则控制最近启动的那个";
    RemoteSilent: "the hearsay with the process id {0} gives no answer", "进程号为 {0} 的 hearsay 没有应答";
    RemoteNotHere: "remote control needs unix sockets, which this system has not", "远程控制需要 unix 套接字，此系统没有";
    PlainWelcome: "plain text: write a line and press Enter; `/talk` speaks, `/call` calls, `/help` lists the commands, `/quit` leaves", "纯文本：输入一行后按回车；`/talk` 说话，`/call` 通话，`/help` 列出命令，`/quit` 退出";
    PlainDumb: "this terminal cannot move its cursor, so there is no screen", "此终端不能移动光标，因此没有屏幕界面";
    MouseOn: "the mouse scrolls and clicks here; with Shift held the terminal selects text", "鼠标可在此滚动和点击；按住 Shift 由终端选择文字";
    MouseOff: "the mouse is the terminal's again", "鼠标已交还给终端";
    LinkCopied: "copied: {0}", "已复制：{0}";
    HelpMouse: "mouse", "鼠标";
    HelpMouseHow: "`/toggle-mouse` lets it work here: the wheel scrolls; a click chooses, presses a hint or copies a link, and takes what is chosen already. With Shift held the terminal selects text.", "`/toggle-mouse` 让鼠标在此可用：滚轮滚动；单击可选择、按下提示或复制链接，再点一次即选定。按住 Shift 由终端选择文字。";
    PanelNow: "now", "现在";
    PanelLine: "line", "连接";
    PanelConversation: "conversation", "会话";
    PanelLast: "last answer", "上次回答";
    PanelTokens: "tokens", "词元";
    PanelOn: "how things stand is shown from 150 columns on", "屏幕有 150 列时显示状态";
    PanelOff: "how things stand is hidden", "状态已隐藏";
    NotifyAnswered: "the answer is complete", "回答完毕";
    NotifyAsked: "you are to decide something", "需要你作出决定";
    NotifyCallOver: "the call is over", "通话已结束";
    NotifyFailed: "something went wrong", "出错了";
    NotifyLost: "the connection is lost", "连接已断开";
    NotCopied: "not copied: {0}", "未复制：{0}";
    PlainIdle: "idle; write a line, `/talk` speaks, `/help` lists the commands", "空闲；可输入一行，`/talk` 说话，`/help` 列出命令";
    PlainBusy: "{0}; `/cancel` stops it", "{0}；`/cancel` 停止";
    PlainCall: "in a call; `/mute` closes the microphone, `/call` hangs up", "通话中；`/mute` 关闭麦克风，`/call` 挂断";
    PlainReply: "answer with a number from 1 to {0}; `/cancel` means no", "请回答 1 到 {0} 的数字；`/cancel` 表示否";
    PlainNothing: "nothing matches; write other words, or an empty line to leave the list", "没有匹配项；请换别的词，或输入空行离开列表";
    PlainChoose: "a number chooses, words narrow the list, an empty line leaves it", "数字选择，文字缩小范围，空行离开";
    PlainFind: "write what to look for in this conversation; an empty line leaves it", "请输入要在本会话中查找的内容；空行离开";
    PlainFillIn: "write it; an empty line leaves it as it is", "请输入；空行保持不变";
    PlainListMore: "{0} more; words narrow the list", "还有 {0} 项；可用文字缩小范围";
    PlainCommands: "commands", "命令";
    PlainLeft: "the list is closed", "已离开列表";
    PlainRecording: "microphone open: speak now; an empty line ends and sends, `/cancel` throws it away", "麦克风已开启：请说话；空行结束并发送，`/cancel` 丢弃";
    PlainDraft: "not sent yet: {0}", "尚未发送：{0}";
    PlainDraftHint: "an empty line sends it, `/break` clears it", "空行发送，`/break` 清除";
    PlainState: "state: {0}", "状态：{0}";
    PlainConnection: "connection: {0}", "连接：{0}";
    PlainCallIs: "call: {0}", "通话：{0}";
    PlainNote: "note: {0}", "提示：{0}";
    PlainWarning: "warning: {0}", "警告：{0}";
    PlainError: "error: {0}", "错误：{0}";
    PlainHint: "hint: {0}", "建议：{0}";
    PlainSays: "{0}: {1}", "{0}：{1}";
    PlainHeard: "you said: {0}", "你说：{0}";
    PlainThinks: "thinking: {0}", "思考：{0}";
    PlainTool: "tool: {0}", "工具：{0}";
    PlainToolDone: "tool {0}: {1}", "工具 {0}：{1}";
    PlainToolFailed: "tool {0} failed: {1}", "工具 {0} 出错：{1}";
    PlainQuestion: "question: {0}", "问题：{0}";
    PlainList: "{0}:", "{0}：";
    PlainLog: "the log", "日志";
    PlainNumber: "{0}. {1}", "{0}. {1}";
    PlainInUse: "{0}, in use", "{0}，使用中";
    PlainCode: "code {0}", "代码 {0}";
    PlainCodeEnd: "end of code", "代码结束";
    PlainConversation: "conversation: {0}", "会话：{0}";
    PlainEarlier: "{0} earlier messages; `hearsay history show` prints them", "还有 {0} 条较早的消息；`hearsay history show` 可打印";
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
        for word in Word::ALL {
            let (en, zh) = (word.text(Lang::En), word.text(Lang::Zh));
            assert!(same_arguments(en, zh), "{word:?}");
        }
        assert!(!same_arguments("{0} of {1}", "{1}"));
    }
}
