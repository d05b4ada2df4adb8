//! What every setting is and may be, in Chinese. The table of settings is `schema`, with its English;
//! a test holds the two together.

use super::file;
use super::kind::Kind;
use super::schema::{FIELDS, MCP, Name};
use std::borrow::Cow;

/// Each setting by its name, and what it is. Backends, servers of tools and keys are called `NAME`.
#[rustfmt::skip]
const ABOUT: &[(&str, &str)] = &[
    ("lang", "界面语言：`en`、`zh` 或你自己的文件（docs/languages.md）；`auto` 依照 LC_ALL、LC_MESSAGES 和 LANG。"),
    ("data_dir", "存放会话、笔记和草稿的文件夹；留空则用系统惯用的数据文件夹。"),
    ("log_level", "日志的详细程度。"),
    ("debug", "把 `log_level` 提高到 `debug`。"),
    ("backend", "由谁回答：`embedded`（本程序内部）、[backends] 中的名称，或网址。"),
    ("persona", "助手的人设；命令面板中有列表。"),
    ("use_tools", "允许大脑使用工具：定时器、笔记、待办、换算，以及 [tools] 和 [mcp] 中的工具。"),

    ("brain.use", "用什么思考：`auto`（有模型服务器就用它，否则用内置大脑）、`builtin`、`local`（本机模型，见 `hearsay models`）、`model:NAME`（其中一个），或服务器的基础网址。"),
    ("brain.model", "要使用的模型；留空则用服务器的第一个。"),
    ("brain.url", "兼容 OpenAI 的服务器的基础网址，`auto` 会首先尝试它。"),
    ("brain.key", "模型服务器的密钥：`env:NAME`、`file:PATH` 或 `command:CMD`。也可以直接写密钥，但那样配置文件就成了机密。"),
    ("brain.first_token_s", "等待第一个词的秒数；加载模型可能需要很久。"),
    ("brain.between_tokens_s", "回答中途沉默多少秒算作中断。`timeouts.sse_base_s` 可能更早结束等待。"),
    ("brain.memory_tokens", "给大脑看多少会话内容，以 token 计（估算）；更早的内容会被概括。窗口更小的模型看得更少。"),
    ("brain.window_tokens", "模型一次能容纳多少 token；0：以服务器所说或由模型名称推知的为准。"),

    ("link.url", "后端的地址；只在没有设置 `backend` 时有效。"),
    ("link.reconnect", "断线后重新连接。"),
    ("link.reconnect_attempts", "尝试多少次后放弃；0：永不放弃。"),
    ("link.reconnect_interval_ms", "第二次尝试之前的等待（第一次立即进行）；之后每次加倍。"),
    ("link.reconnect_max_ms", "两次尝试之间最长的等待。"),
    ("link.heartbeat_ms", "两次心跳消息之间的时间；有些后端收不到心跳就会断开。"),
    ("link.ping_ms", "沉默多久后用 ping 测试连接；这是上限，线路差时会更早测试。"),
    ("link.pong_timeout_ms", "等待 ping 应答的时间，慢的线路上最多四倍；没有应答就算断线。"),
    ("link.connect_timeout_ms", "建立连接的时限。"),
    ("link.greeting_timeout_ms", "连接之后等待后端问候的时限。"),
    ("link.standby", "`backend` 不在时接替的后端，最好的在前；已经说过的内容会随第一句话交给它。"),
    ("link.standby_after_ms", "后端离开多久之后尝试下一个。"),
    ("link.standby_warm", "与下一个后端保持连接，以便立即接替。"),
    ("link.ca_file", "除系统证书之外还信任的证书文件（PEM）。"),
    ("link.danger_accept_invalid_certs", "相信任何证书：途中的任何人都能读取和篡改一切。屏幕会一直提示。"),

    ("timeouts.sse_base_s", "回答可以停顿：base + per_char × 问题长度，最多 max（秒）。"),
    ("timeouts.sse_per_char_s", "问题每个字符增加的秒数。"),
    ("timeouts.sse_max_s", "回答最长的停顿。"),
    ("timeouts.tts_base_s", "朗读可以沉默：base + per_char × 回答长度，最多 max（秒）。"),
    ("timeouts.tts_per_char_s", "回答每个字符增加的秒数。"),
    ("timeouts.tts_max_s", "朗读最长的沉默。"),
    ("timeouts.stt_base_s", "识别一段录音可用：base + per_char × 可能的字符数，最多 max（秒）。"),
    ("timeouts.stt_per_char_s", "该长度的录音可能含有的每个字符增加的秒数。"),
    ("timeouts.stt_max_s", "等待录音文字的最长时间。"),

    ("ears.use", "用什么把语音变成文字：`auto`（本机的模型或程序，绝不用别的机器）、`model:NAME`（`data_dir` 下 `models` 中的文件夹）、程序名、`command:CMD`（输入 WAV，输出文字），或兼容 OpenAI 的服务器的基础网址。"),
    ("ears.model", "服务器识别语音所用的模型；除 whisper-1 外，都会要求它边听边报告。"),
    ("ears.key", "语音识别服务器的密钥：`env:NAME`、`file:PATH` 或 `command:CMD`。不会发给别的服务器。"),

    ("voice.use", "用什么说话：`auto`（本机的模型或程序，绝不用别的机器，否则用 `builtin`）、`model:NAME`（`data_dir` 下 `models` 中的文件夹）、`builtin`（自带的机器嗓音，英语和普通话）、程序名、`command:CMD`（输入文字，输出 WAV），或兼容 OpenAI 的服务器的基础网址。"),
    ("voice.model", "服务器说话所用的模型。"),
    ("voice.key", "语音合成服务器的密钥：`env:NAME`、`file:PATH` 或 `command:CMD`。不会发给别的服务器。"),
    ("voice.synthesis_voice", "谁来说话：所用服务器或程序的嗓音。对默认值那样的名称，程序取其中的语言和地区；别的语言的文字用最适合它的嗓音。没有设置时由后端选择。"),
    ("voice.synthesis_speed", "语速：2 是平常的两倍。"),
    ("voice.synthesis_volume", "朗读的音量：1 为原样，0 为无声。"),
    ("voice.recognition_language", "对麦克风说的语言。没有设置时随界面：中文界面为 `zh-CN`，否则为 `en-US`。"),

    ("sound.microphone", "用什么听：`default`、设备的编号或名称的一部分（`hearsay devices`）、`file:PATH`（WAV）、`stdin`（原始采样）或 `null`。"),
    ("sound.loudspeaker", "用什么播放：`default`、设备的编号或名称的一部分、`file:PATH`（WAV）、`stdout`（原始采样）或 `null`。"),
    ("sound.fast", "代替设备的文件和管道尽快进行，不按设备的速度。"),
    ("sound.speak", "朗读哪些回答：都不、对语音的回答，或全部。"),
    ("sound.review", "识别出的文字先放进输入框供修改，而不直接发送。"),
    ("sound.chimes", "麦克风开启、关闭以及出错时播放短促的提示音。"),
    ("sound.echo", "通话时从麦克风中消除扬声器的声音：`auto`（效果太差时，扬声器说话期间麦克风不听）、`on`，或戴耳机时用 `off`。"),
    ("sound.tail_ms", "要求结束录音之后再录这么久，以免截断最后一个词。已经沉默的人无需等待。"),
    ("sound.preroll_ms", "把按下说话键之前这么久的声音也录下来。麦克风因此一直开着，但只存在内存里；0：两次录音之间麦克风关闭。"),
    ("sound.silence_s", "这么多秒没有人说话，录音自动结束；0：从不。"),
    ("sound.longest_s", "录音最长的秒数，到时自动结束。"),
    ("sound.keep_recordings", "轮次结束后仍保留录音；否则只保留没能得到回答的。"),
    ("sound.noise", "去除麦克风中的持续噪声：`never` 从不，`calls` 通话时，`always` 总是，说话键的录音也处理。保留的录音与发送的相同。"),
    ("sound.gain", "放大轻声：`never` 从不，`calls` 通话时，`always` 总是。"),
    ("sound.state_chimes", "别的进展也播放提示音：开始思考、回答完毕、通话结束、连接断开、出错。麦克风开着时从不播放。"),

    ("models.hub", "`hearsay models` 从哪里下载；留空：https://huggingface.co。未经要求不下载任何东西。"),
    ("models.mirrors", "主站给不出文件时询问的镜像，最好的在前。无论来自哪里都会校验。"),
    ("models.token", "主站只给用户的内容所需的令牌：`env:NAME`、`file:PATH` 或 `command:CMD`。不会发给镜像。"),
    ("models.offline", "即使要求也不下载任何东西。"),
    ("models.onnxruntime", "用 onnxruntime 的库代替本程序的引擎来运行模型，需要启用功能 `onnxruntime` 的构建：`auto`（`ORT_DYLIB_PATH`，否则在惯用位置找），或库或其文件夹的路径；留空：从不。"),

    ("call.ask_ahead", "回答期间说的话排在回答之后再问，而不打断它。"),
    ("call.silence_s", "这么多秒没有人说话，通话自动结束；0：从不。"),
    ("call.stop", "让助手住口的整句话，用逗号分隔；留空：没有。以下是通话中的其他口令。"),
    ("call.wait", "保持通话，麦克风关闭。"),
    ("call.louder", "说大声些。"),
    ("call.softer", "说小声些。"),
    ("call.slower", "说慢些。"),
    ("call.faster", "说快些。"),
    ("call.repeat", "再说一遍上一个回答。"),
    ("call.hang_up", "结束通话。"),

    ("tools.clipboard", "大脑可否读写剪贴板：每次询问、总是或从不。"),
    ("tools.fetch", "大脑可否读取网页（只限 https，只取文字）：从不、每次询问或总是。"),
    ("tools.fetch_private", "也允许它读取本机和局域网的网页，在那里无需加密。"),

    ("store.url", "会话文件，写成路径或 `sqlite:///PATH`；留空：`data_dir` 中的 `hearsay.db`。"),

    ("ui.max_fps", "每秒最多绘制多少帧；少些可减轻慢速连接的负担。"),
    ("ui.colors", "终端的颜色；只要设置了 NO_COLOR 就是 `none`。"),
    ("ui.background", "终端的背景，以便选用看得清的颜色。"),
    ("ui.show_reasoning", "在回答上方以暗色显示模型的思考。"),
    ("ui.bell", "定时器或闹钟到点时响铃。"),
    ("ui.plain", "用一行行文字代替屏幕界面，供读屏软件使用：`auto`（TERM 表明终端功能有限时）、`always` 或 `never`。"),
    ("ui.theme", "主题：`auto`（依终端而定）、`dark`、`light`、`contrast`、`sixteen`，或本文件旁 `themes` 中的文件名。"),
    ("ui.motion", "屏幕上自行变动的部分：`full`，或 `reduced`：没有转动的指示，电平每秒更新一次。"),
    ("ui.keys", "按键方案：`modern`，或 `vi`：在聊天中按 Esc 后字母成为命令，直到按 `i`。`[keys]` 优先于两者。"),
    ("ui.notify", "你在别处时如何通知（回答完毕、需要决定、通话结束）：`auto`（看终端能做什么）、`osc9`、`osc777`、`bell`，或 `never`。终端须报告焦点。"),
    ("ui.inline", "不占用整个屏幕：说完的内容留在终端的回滚区，输入框和状态占最下面几行。"),
    ("ui.mouse", "鼠标可以滚动、选择和点击。终端自己的选择则需按住 Shift。"),
    ("ui.panel", "屏幕宽度达到 150 列时，在聊天旁显示各部分的状态。"),

    ("serve.listen", "`hearsay serve` 在哪里监听：地址和端口，或只写本机的端口。不在本机时需要令牌。"),
    ("serve.token_file", "允许客户端进入的令牌文件，每行一个，或 `NAME TOKEN`：每个名称有自己的会话、笔记和定时器。留空：本机不需要，别处用 `data_dir` 中的 `serve.token`。文件不存在则新建并写入令牌。"),
    ("serve.certificate", "用于加密的证书文件（PEM），服务器自己的在前；留空：不加密。"),
    ("serve.certificate_key", "该证书的密钥文件（PEM）。"),
    ("serve.hosts", "除 `localhost` 和地址之外，本服务器的名称，用逗号分隔。"),
    ("serve.origins", "除本机网页之外，可以与本服务器通信的网页，如 `https://chat.example.org`，用逗号分隔。"),
    ("serve.connections", "可以同时连接的客户端数量。"),
    ("serve.turns", "可以同时进行的回答、录音和朗读数量。"),
    ("serve.rate", "每个客户端每秒的消息数，以及每个地址每秒的请求数；一次最多两倍。0：不限。"),
    ("serve.message_bytes", "会处理的最长消息。录音可以更长：十分钟。"),
    ("serve.idle_s", "没有任务时，客户端沉默这么多秒就断开。一个 ping 就够了。"),
    ("serve.request_s", "请求头的时限（秒）；正文可以用十二倍的时间。"),
    ("serve.stall_s", "客户端可以让应答等待多少秒不读。"),
    ("serve.drain_s", "要求服务器结束时，正在进行的任务可以用多少秒收尾。"),
    ("serve.database_url", "PostgreSQL 数据库，多台服务器把所说的内容一起存放在其中，写成 `env:NAME`、`file:PATH` 或 `command:CMD`，其值为 `postgres://USER:PASSWORD@HOST:5432/DATABASE`。留空：`data_dir` 中的文件。"),
    ("serve.pool_size", "与该数据库最多同时保持的连接数。"),
    ("serve.pool_timeout_s", "等待数据库的秒数。"),
    ("serve.pool_recycle_s", "一条连接用过这么多秒后换新。"),

    ("backends.NAME.url", "该后端的地址。"),
    ("backends.NAME.token", "该后端的令牌：`env:NAME`、`file:PATH`、`command:CMD` 或令牌本身。"),
    ("backends.NAME.language", "该后端使用的协议；`auto` 由地址判断，否则由第一帧判断。"),
    ("backends.NAME.model", "realtime 后端要使用的模型；留空：地址中的那个，或由它自己选择。"),
    ("backends.NAME.voice", "realtime 后端的嗓音，如 `marin`；留空：由它自己选择。"),
    ("backends.NAME.instructions", "告诉 realtime 后端它该是什么样；留空：不说。"),
    ("backends.NAME.transcriber", "realtime 后端把录音变成文字所用的模型；留空：它惯用的那个。"),
    ("backends.NAME.text", "输入的文字怎样到达 yychat 服务器：`socket`、`http`，或 `auto`，由程序试出。"),
    ("backends.NAME.api", "yychat 服务器的 HTTP 地址（不在其套接字旁边时）。"),
    ("backends.NAME.version", "xiaozhi 后端的声音封装方式。大多数服务器只懂 1。"),
    ("backends.NAME.frame_ms", "发给 xiaozhi 后端的每个包含有多少毫秒声音：20、40 或 60。"),
    ("backends.NAME.turn_detection", "通话中由谁判断一轮说完：我们（`own`）或后端（`server`）；realtime 后端还可以依内容判断（`semantic`），xiaozhi 后端还可以在回答时不听（`alternate`）。"),

    ("mcp.NAME.command", "提供工具的程序及其参数。直接启动，不经过 shell。"),
    ("mcp.NAME.url", "使用 streamable HTTP 的工具服务器的地址；代替 `command`。"),
    ("mcp.NAME.token", "该地址的令牌：`env:NAME`、`file:PATH`、`command:CMD` 或令牌本身。"),
    ("mcp.NAME.env", "给程序的变量，用逗号分隔：NAME 传递我们的变量，NAME=VALUE 设置一个。除此之外它只得到 PATH 等无害的变量。"),
    ("mcp.NAME.allow", "无需询问即可使用的工具，用逗号分隔；`*`：全部。"),
    ("mcp.NAME.never", "绝不可使用的工具，用逗号分隔。"),
    ("mcp.NAME.timeout_s", "一次使用工具可以花的秒数；未设置时为 60。"),

    ("keys.NAME", "这个组合键做什么：动作的名称，或 `none`。"),
];

/// What a setting is; `None`: nobody has said it yet.
pub(super) fn about(name: &Name) -> Option<&'static str> {
    let known = match name {
        Name::Fixed(at) => super::schema::KEYS.get(*at)?.name.to_owned(),
        Name::Backend { field, .. } => FIELDS.get(*field)?.dotted.to_owned(),
        Name::Mcp { key, .. } => format!("mcp.NAME.{}", MCP.get(*key)?.0),
        Name::Chord { .. } => "keys.NAME".to_owned(),
        Name::Section => return None,
    };
    let found = ABOUT.iter().find(|(name, _)| *name == known);
    found.map(|(_, about)| *about)
}

/// What its value must be, in the words that follow "必须是".
pub(super) fn wants(name: &Name) -> Cow<'static, str> {
    match name {
        Name::Fixed(at) => (super::schema::KEYS.get(*at)).map_or("".into(), |key| kind(key.kind)),
        Name::Backend { field, .. } => match FIELDS[*field].kind {
            // A backend without an address is none.
            Kind::LinkUrl => "网址（`ws://`、`wss://`、`http://`、`https://`）".into(),
            other => kind(other),
        },
        Name::Mcp { key, .. } => kind(file::mcp_kind(*key)),
        Name::Chord { .. } => "动作的名称或 `none`".into(),
        Name::Section => "一个表".into(),
    }
}

fn kind(kind: Kind) -> Cow<'static, str> {
    let quoted = |names: &[&str]| {
        let quoted: Vec<_> = names.iter().map(|one| format!("`{one}`")).collect();
        quoted.join("、")
    };
    match kind {
        Kind::Backend => {
            "`embedded`、`[backends]` 中的名称或网址（`ws://`、`wss://`、`http://`、`https://`）"
                .into()
        }
        Kind::Backends => "`[backends]` 中的名称、网址或 `embedded`，用逗号分隔".into(),
        Kind::Bool => "`true` 或 `false`".into(),
        Kind::Brain => {
            "`auto`、`builtin`、`local`、`model:NAME` 或网址（`http://`、`https://`）".into()
        }
        Kind::Choice(choices) => format!("{} 之一", quoted(choices)).into(),
        Kind::Command => "程序及其参数，引号须成对".into(),
        Kind::Engine(names) => format!(
            "{}、`model:NAME`、`command:CMD` 或网址（`http://`、`https://`）",
            quoted(names)
        )
        .into(),
        Kind::Float { min, max } => format!("{min} 到 {max} 之间的数").into(),
        Kind::HttpUrl => "网址（`http://`、`https://`），或留空".into(),
        Kind::HttpUrls => "网址（`http://`、`https://`），用逗号分隔，或留空".into(),
        Kind::Int { min, max } => format!("{min} 到 {max} 之间的整数").into(),
        Kind::Lang => "`auto`、`en`、`zh` 或 `words` 中文件的名称，如 `de`".into(),
        Kind::LinkUrl => "网址（`ws://`、`wss://`、`http://`、`https://`），或留空".into(),
        Kind::Path => "路径".into(),
        Kind::Secret => "`env:NAME`、`file:PATH`、`command:CMD` 或机密本身".into(),
        Kind::Store => "路径或 `sqlite:///PATH`（只支持 SQLite）".into(),
        Kind::Text => "一行文字".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema::KEYS;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_setting_is_explained_once_and_nothing_else_is() {
        let fixed = KEYS.iter().map(|key| key.name.to_owned());
        let fields = FIELDS.iter().map(|field| field.dotted.to_owned());
        let servers = MCP.iter().map(|(name, ..)| format!("mcp.NAME.{name}"));
        let all = fixed.chain(fields).chain(servers);
        let wanted: BTreeSet<String> = all.chain(["keys.NAME".to_owned()]).collect();
        let told: BTreeSet<String> = ABOUT.iter().map(|(name, _)| (*name).to_owned()).collect();
        let missing: Vec<_> = wanted.difference(&told).collect();
        let surplus: Vec<_> = told.difference(&wanted).collect();
        assert!(missing.is_empty(), "not explained in Chinese: {missing:?}");
        assert!(surplus.is_empty(), "no setting: {surplus:?}");
        assert_eq!(told.len(), ABOUT.len(), "one is there twice");
    }

    #[test]
    fn explanations_are_chinese_and_name_what_the_english_ones_name() {
        let quoted = |text: &str| -> BTreeSet<String> {
            let parts = text.split('`').skip(1).step_by(2);
            parts.map(str::to_owned).collect()
        };
        for (name, about) in ABOUT {
            let chinese = about.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c));
            assert!(chinese && about.ends_with('。'), "{name}");
            if let Some(key) = KEYS.iter().find(|key| key.name == *name) {
                let missing: Vec<_> = quoted(key.comment)
                    .difference(&quoted(about))
                    .cloned()
                    .collect();
                assert!(missing.is_empty(), "{name}: {missing:?}");
            }
        }
    }

    #[test]
    fn what_may_be_set_is_told_for_every_setting() {
        for (at, key) in KEYS.iter().enumerate() {
            assert!(!wants(&Name::Fixed(at)).is_empty(), "{}", key.name);
        }
        for field in 0..FIELDS.len() {
            let backend = "home".to_owned();
            assert!(!wants(&Name::Backend { backend, field }).is_empty());
        }
    }
}
