//! Chinese questions that are answered on the spot: talk, time, days, units, chance.

use crate::mind::builtin::intent::{Intent, Rule};
use crate::mind::tools::when::{calendar, day};
use crate::mind::tools::{Chance, Convert, Date, Place, Time, ToolError, numeral};

pub(super) const RULES: &[Rule] = &[
    // Small talk.
    Rule {
        phrases: &[
            "(你好|您好|嗨|哈喽|哈罗|早上好|上午好|中午好|下午好|晚上好|早安|大家好|早)(啊|呀|)",
        ],
        make: |_| Some(Intent::Greeting),
    },
    Rule {
        phrases: &["(你|最近|)(好吗|怎么样|还好吗|过得怎么样|最近怎么样)"],
        make: |_| Some(Intent::Mood),
    },
    Rule {
        phrases: &[
            "(你|您)(是谁|叫什么|叫什么名字|是什么|的名字是什么|是什么模型|是哪个模型|是机器人吗|是人吗|是人工智能吗|是ai吗)",
            "介绍一下(你|)自己",
            "自我介绍(一下|)",
        ],
        make: |_| Some(Intent::Name),
    },
    Rule {
        phrases: &["(谢谢|多谢|感谢|谢了|谢谢你|谢谢您|非常感谢|太感谢了)(啊|啦|了|)"],
        make: |_| Some(Intent::Thanks),
    },
    Rule {
        phrases: &[
            "(帮助|帮帮我|怎么用|使用说明|帮忙)",
            "(你|您)(能|会|可以|都能|都会)(做|干|帮我做|帮我干)(什么|些什么|啥|点什么)",
            "(你|您)有(什么|哪些)(功能|本领|技能|能力)",
        ],
        make: |_| Some(Intent::Help),
    },
    Rule {
        phrases: &[
            "(查看|显示|现在|目前|)(系统|连接|后端|你的|当前|运行|)状态(如何|怎么样|)",
            "(你|)(在线|连上了|连接了)(吗|)",
        ],
        make: |_| Some(Intent::Status),
    },
    // The time and the date.
    Rule {
        phrases: &[
            "(现在|当前|目前|)(是|)(几点|几点了|几点钟|几点钟了|什么时间|什么时候|什么时间了|的时间|时间)(是几点|是多少|)",
            "(今天|现在|今日|)(的|)(日期|是几号|几号|几月几号|是几月几号|几月几日|是几月几日|是星期几|星期几|是周几|周几|是礼拜几|礼拜几|是什么日子|什么日子|是哪天|是哪一天)(是什么|是多少|了|)",
        ],
        make: |_| Some(Time { place: None }.into()),
    },
    Rule {
        phrases: &[
            "现在(在|){}(是|)(几点|什么时间|几点钟|几点了)(了|)",
            "(在|){}(现在|当前|目前|的现在|此刻)(是|)(几点|几点了|几点钟|什么时间|的时间|时间)(了|是几点|)",
            "(在|){}(几点|几点钟|几点了|是几点|什么时间|是什么时间)(了|)",
            "{}(的|)(时间|当地时间)(是|现在是|)(几点|多少|什么|)",
            "{}(今天|现在|)(是|)(几号|星期几|周几|几月几号)",
        ],
        make: |filled| asked_place(filled.blank(0)),
    },
    // Days.
    Rule {
        phrases: &[
            "{}(是|)(星期几|周几|礼拜几|几号|几月几号|几月几日|哪天|哪一天|什么日子|什么日期|什么时候)",
            "{}的日期(是什么|)",
        ],
        make: |filled| Some(Date::Weekday(day(filled.blank(0), filled.now.date())?).into()),
    },
    Rule {
        phrases: &[
            "(再过|过|){}(之后|以后|后|)(是|)(星期几|周几|礼拜几|几号|几月几号|几月几日|哪天|哪一天|什么日子|什么日期)",
        ],
        make: |filled| {
            let (from, span) = (filled.now.date(), calendar(filled.blank(0))?);
            Some(Date::After { from, span }.into())
        },
    },
    Rule {
        phrases: &[
            "{}(之前|以前|前)(是|)(星期几|周几|礼拜几|几号|几月几号|几月几日|哪天|哪一天|什么日子|什么日期)",
        ],
        make: |filled| {
            let (from, span) = (filled.now.date(), calendar(filled.blank(0))?.negate());
            Some(Date::After { from, span }.into())
        },
    },
    Rule {
        phrases: &[
            "(距离|距|离|到|今天到|现在到|){}(还有|还剩|还要|有|剩)(多少天|几天|多久|多少日子)",
            "还有(多少天|几天|多久)(到|是|过|才到|就到|就是|到了|){}",
            "{}(到现在|到今天|距今|至今|离现在)(有|过了|已经|已经过了|已有|)(多少天|几天|多久)(了|)",
        ],
        make: |filled| {
            let from = filled.now.date();
            let to = day(filled.blank(0), from)?;
            Some(Date::Between { from, to }.into())
        },
    },
    Rule {
        phrases: &[
            "(从|){}(到|至){}(有|一共|一共有|是|相隔|隔|)(多少天|几天)",
            "{}(和|与){}(之间|)(有|相差|差|相隔|隔)(多少天|几天)",
        ],
        make: |filled| {
            let today = filled.now.date();
            let (from, to) = (day(filled.blank(0), today)?, day(filled.blank(1), today)?);
            Some(Date::Between { from, to }.into())
        },
    },
    // Conversions.
    Rule {
        phrases: &[
            "(把|将|){}(等于|是|有|合|相当于|换算成|换算为|换成|转换成|转换为|转成|转为|折合|为|换|转|=|)(多少|几|几个|多少个|){}(是多少|等于多少|)",
        ],
        make: |filled| Convert::spoken(filled.blank(0), filled.blank(1)).map(Intent::from),
    },
    Rule {
        phrases: &["(多少|几|几个|多少个){}(是|等于|为|合){}"],
        make: |filled| Convert::spoken(filled.blank(1), filled.blank(0)).map(Intent::from),
    },
    // Chance.
    Rule {
        phrases: &["(抛|掷|扔|投|丢)(一个|一枚|个|枚|一次|)硬币"],
        make: |_| Some(Chance::Coin.into()),
    },
    Rule {
        phrases: &["(掷|扔|投|丢|摇)(一个|一颗|个|颗|一次|下|一下|)(骰子|色子)"],
        make: |_| Chance::dice("1").map(Intent::from),
    },
    Rule {
        phrases: &[
            "(掷|扔|投|丢|摇){}(个|颗|枚)(骰子|色子)",
            "(掷|扔|投|丢|摇){}",
        ],
        make: |filled| Chance::dice(filled.blank(0)).map(Intent::from),
    },
    Rule {
        phrases: &[
            "(随机|)(选|给|来|生成|选择|挑|抽|说|)(一个|个|)(从|){}(到|至|-|和|~){}(之间|)(的|)(一个|)(随机|)(数|数字|整数|随机数)",
            "(从|){}(到|至|-|和|~){}(之间|)(随机|中随机|里随机)(选|选择|取|抽|挑|给|来|生成|)(一个|个)(数|数字|整数)",
        ],
        make: |filled| between(filled.blank(0), filled.blank(1)),
    },
    Rule {
        phrases: &[
            "(来|给|生成|随机|)(一个|个|)随机(数|数字|整数)",
            "随机(一个|来个|给个|生成一个|)(数|数字|整数)",
        ],
        make: |_| Some(Chance::between(1, 100).into()),
    },
];

/// A question for the time somewhere: a short name that is no known place is told so, more is
/// about something else.
fn asked_place(name: &str) -> Option<Intent> {
    match Place::find(name) {
        Ok(place) => Some(Time { place: Some(place) }.into()),
        Err(_) if name.chars().count() > 6 => None,
        Err(unknown @ ToolError::UnknownPlace { .. }) if is_name(name) => {
            Some(Intent::Cannot(unknown))
        }
        Err(_) => None,
    }
}

/// Whether it may be the name of a place: 你明天 and 火车 ask when something happens.
fn is_name(name: &str) -> bool {
    name.ends_with(['市', '州', '国', '城', '岛', '省'])
}

fn between(from: &str, to: &str) -> Option<Intent> {
    let number = |text: &str| numeral::to_digits(text).trim().parse().ok();
    Some(Chance::between(number(from)?, number(to)?).into())
}
