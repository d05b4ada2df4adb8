//! What the built-in brain says of itself, and how it words what it cannot do.

use super::intent::Intent;
use crate::core::action::Plain;
use crate::core::words::{Lang, fill};
use crate::mind::tools::ToolError;
use crate::mind::tools::tell::either;

/// Says hello.
pub(super) fn greeting(lang: Lang) -> &'static str {
    either(
        lang,
        "Hello! I am the built-in brain: I know the time, sums, units, timers, notes and to-dos. \
         Say `help` for all of it.",
        "你好！我是内置大脑，会报时、计算、换算单位、计时，也能记笔记和待办。说“帮助”可以看全部。",
    )
}

/// Answers "how are you".
pub(super) fn mood(lang: Lang) -> &'static str {
    either(
        lang,
        "I am a program and have no moods. Say `status` to see how everything runs.",
        "我是程序，没有心情。说“状态”可以看看运行得如何。",
    )
}

/// Says what it is.
pub(super) fn name(lang: Lang) -> &'static str {
    either(
        lang,
        "I am hearsay's built-in brain: a small program with fixed rules, no language model. \
         What I answer is worked out on this machine. Say `help` to see what I can do.",
        "我是 hearsay 的内置大脑：按固定规则工作的小程序，不是语言模型，回答都在本机算出。\
         说“帮助”可以看我会做什么。",
    )
}

/// Answers thanks.
pub(super) fn thanks(lang: Lang) -> &'static str {
    either(lang, "You are welcome.", "不客气。")
}

/// Everything it can do, with an example each.
pub(super) fn help(lang: Lang) -> String {
    let abilities = either(
        lang,
        "I can do these things without a language model:

- **Time**: `what time is it in Tokyo?`
- **Dates**: `how many days until Christmas?`, `what date is in 45 days?`
- **Sums**: `15% off 80`, `twelve times seven`, `sqrt(2) * 3^2`
- **Units**: `10 miles in km`, `72F to C`
- **Timers**: `remind me in 20 minutes to call mum`, `wake me at 7:30`, `cancel the timer`
- **Notes**: `note: the key is under the mat`, `my notes`
- **To-dos**: `add milk to my to-do list`, `tick off milk`
- **Chance**: `roll 2d6`, `flip a coin`
- **History**: `search my conversations for umbrella`
- **Status**: `status`

Any other tool works by its name, as in `use tool NAME` with what it needs; `/mcp` shows them all.
",
        "不需要语言模型，我也会这些：

- **时间**：`东京现在几点？`
- **日期**：`离圣诞节还有几天？`、`45 天后是几号？`
- **计算**：`80打八五折`、`三乘以四`、`sqrt(2) * 3^2`
- **单位**：`5 斤等于多少克`、`10英里是多少公里`
- **计时**：`十分钟后提醒我喝水`、`明早7点半叫醒我`、`取消计时器`
- **笔记**：`记一下：钥匙在垫子下面`、`我的笔记`
- **待办**：`添加待办：买牛奶`、`完成待办 1`
- **随机**：`掷骰子`、`抛硬币`
- **历史**：`搜索聊天记录 雨伞`
- **状态**：`状态`

其他工具按名称使用：`使用工具 名称` 加上它需要的内容；`/mcp` 可查看全部。
",
    );
    format!("{abilities}\n{}", connect(lang))
}

/// Answers what it does not understand.
pub(super) fn fallback(lang: Lang) -> String {
    let first = either(
        lang,
        "No language model is connected, so I cannot answer that. I am the built-in brain: \
         I can tell the time and dates, do sums, convert units, keep timers, notes and to-dos, \
         and roll dice. Say `help` for examples.",
        "没有连接语言模型，这个我回答不了。我是内置大脑，会报时间和日期、计算、换算单位、计时、\
         记笔记和待办、掷骰子。说“帮助”可以看例子。",
    );
    format!("{first}\n\n{}", connect(lang))
}

/// How to connect a language model.
fn connect(lang: Lang) -> String {
    let sentence = either(
        lang,
        "To talk about anything else, start Ollama, llama.cpp, LM Studio or vLLM on this machine \
         and type `/{0}`, or set `brain.url` (or `OPENAI_BASE_URL`) to a model server. \
         `/{1}` chooses between them.",
        "想聊别的，请在本机启动 Ollama、llama.cpp、LM Studio 或 vLLM，再输入 `/{0}`；\
         也可以把 `brain.url`（或 `OPENAI_BASE_URL`）设为模型服务器的地址。用 `/{1}` 选择大脑。",
    );
    fill(
        sentence,
        &[Plain::LookForBrains.name(), Plain::Brains.name()],
    )
}

/// What is said without a tool.
pub(super) fn spoken(intent: &Intent, lang: Lang) -> Option<String> {
    Some(match intent {
        Intent::Cannot(error) => excuse(error, lang),
        Intent::Greeting => greeting(lang).to_owned(),
        Intent::Help => help(lang),
        Intent::Mood => mood(lang).to_owned(),
        Intent::Name => name(lang).to_owned(),
        Intent::Thanks => thanks(lang).to_owned(),
        Intent::Do(_) | Intent::Status => return None,
    })
}

/// Why something cannot be done, as a sentence.
pub(super) fn excuse(error: &ToolError, lang: Lang) -> String {
    if lang == Lang::Zh {
        return chinese(error);
    }
    let text = error.to_string();
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    format!("{}{}.", first.collect::<String>(), characters.as_str())
}

fn chinese(error: &ToolError) -> String {
    use crate::mind::tools::Kind;
    let kind = |kind: &Kind| match kind {
        Kind::Note => "笔记",
        Kind::Timer => "计时器",
        Kind::Todo => "待办",
    };
    match error {
        ToolError::Argument { name, .. } => format!("`{name}` 不对。"),
        ToolError::Arguments => "参数不是 JSON 对象。".to_owned(),
        ToolError::BelowAbsoluteZero => "没有比绝对零度更低的温度。".to_owned(),
        ToolError::BeyondCalendar => {
            "那个日期超出了日历的范围（公元前 9999 年到公元 9999 年）。".to_owned()
        }
        ToolError::Dice => "一次最多掷 100 个骰子，每个 2 到 1000000 面。".to_owned(),
        ToolError::Desk(error) => format!("现在无法读写笔记、待办和计时器：{error}。"),
        ToolError::DivisionByZero => "除以零没有结果。".to_owned(),
        ToolError::NoSuch { kind: of, which } if which.is_empty() => {
            format!("没有这样的{}。", kind(of))
        }
        ToolError::NoSuch { kind: of, which } => format!("没有{}“{which}”。", kind(of)),
        ToolError::NoTool { name, .. } => format!("没有工具 `{name}`。"),
        ToolError::NotADate { text } => {
            format!("“{text}”不是日期，可以写成 `2027-01-31`、明天或星期五。")
        }
        ToolError::NotASum { text } => format!("“{text}”不是算式，可以写成 `(2 + 3) * 4^2`。"),
        ToolError::NotASpan { text } => {
            format!("“{text}”不是时长，可以写成 45 天或 1 小时 30 分钟。")
        }
        ToolError::NotAMoment { text } => {
            format!("“{text}”不是将来的时间，可以写成 `07:30` 或明天 9 点。")
        }
        ToolError::NotReal => "在实数范围内没有结果。".to_owned(),
        ToolError::Past => "那个时间已经过去了。".to_owned(),
        ToolError::Range => "计时最短 1 秒，最长 10 年。".to_owned(),
        ToolError::Several { kind: of, fitting } => {
            format!(
                "有几个{}都符合，请说明是哪一个：{}。",
                kind(of),
                fitting.replace(", ", "、")
            )
        }
        ToolError::TooDeep { most } => format!("括号、符号或乘方嵌套超过了 {most} 层。"),
        ToolError::TooLarge => "结果太大了。".to_owned(),
        ToolError::TooLong { most } => format!("文字超过了 {most} 个字符。"),
        ToolError::UnknownPlace { name } => {
            format!(
                "不知道“{name}”的时间，请说一个大城市、`Europe/Berlin` 这样的时区，或 `UTC+8`。"
            )
        }
        ToolError::UnknownUnit { name } => format!("不认识单位“{name}”。"),
        ToolError::UnlikeUnits { from, to } => {
            format!("{from} 不能换算成{to}：它们量的不是同一种东西。")
        }
    }
}
