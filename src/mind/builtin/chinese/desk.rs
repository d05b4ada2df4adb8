//! What is said in Chinese about timers, things to do and notes.

use crate::mind::builtin::intent::{Intent, Rule};
use crate::mind::tools::{History, Note, Timer, Todo};

pub(super) const RULES: &[Rule] = &[
    // What was said before.
    Rule {
        phrases: &[
            "(在|)(历史|历史记录|以前的对话|聊天记录)(里|中|)(搜索|查找|找){}",
            "(搜索|查找)(历史|历史记录|聊天记录)(:|,|){}",
        ],
        make: |filled| {
            let words = filled.blank(0).to_owned();
            (!words.is_empty()).then(|| History { words }.into())
        },
    },
    // Timers.
    Rule {
        phrases: &[
            "(设|设置|设定|定|创建|开|开始|来|添加|加|新建|启动|)(一个|个|){}(之后|以后|后|)(的|)(计时器|定时器|闹钟|倒计时|计时|提醒|闹铃|番茄钟)",
            "(设|设置|设定|定|创建|开|开始|添加|加|新建|启动|)(一个|个|)(计时器|定时器|闹钟|倒计时|计时|定时|闹铃)(到|在|为|:|,|){}",
        ],
        make: |filled| Timer::spoken(filled.blank(0), "", filled.now).map(Intent::from),
    },
    Rule {
        phrases: &[
            "(设|设置|设定|定|创建|开|开始|来|添加|加|新建|启动)(一个|个|){+}(之后|以后|后|)(的|){}(的|)(计时器|定时器|闹钟|倒计时|提醒|闹铃)",
        ],
        make: |filled| {
            Timer::spoken(filled.blank(0), filled.blank(1), filled.now).map(Intent::from)
        },
    },
    Rule {
        phrases: &[
            "{}(叫醒我|叫我起床|喊我起床|叫我起来|提醒我起床)",
            "(叫我|喊我|提醒我|){}(起床|叫醒我)",
        ],
        make: |filled| Timer::spoken(filled.blank(0), "起床", filled.now).map(Intent::from),
    },
    Rule {
        phrases: &[
            "(过|等|再过|){}(之后|以后|后|)(提醒我|叫我|喊我|通知我|提醒)(要|去|该|,|:|){}",
            "(提醒我|叫我|记得提醒我){+}(之后|以后|后|的时候|)(要|去|该|,|:|){}",
        ],
        make: |filled| {
            let label = filled.text(1)?;
            Timer::spoken(filled.blank(0), &label, filled.now).map(Intent::from)
        },
    },
    Rule {
        phrases: &[
            "(过|等|再过|){}(之后|以后|后|)(提醒我|叫我|喊我|通知我|提醒)(一下|一声|)",
            "(提醒我|叫我){}(之后|以后|后|)",
        ],
        make: |filled| Timer::spoken(filled.blank(0), "", filled.now).map(Intent::from),
    },
    Rule {
        phrases: &[
            "(查看|列出|显示|看看|看一下|我的|有哪些|有什么|我有哪些|现有|)(所有|全部|我的|)(的|)(计时器|定时器|闹钟|提醒|倒计时)(有哪些|列表|)",
            "(有|设了)(没有|什么|哪些)(计时器|定时器|闹钟|提醒)",
            "(计时器|定时器|倒计时|闹钟|)(还剩|还有|剩)(多久|多长时间|多少时间)",
        ],
        make: |_| Some(Timer::List.into()),
    },
    Rule {
        phrases: &[
            "(取消|关掉|关闭|停止|删除|停掉|清除|删掉|清空)(所有|全部)(的|)(计时器|定时器|闹钟|提醒|倒计时)",
        ],
        make: |_| {
            Some(
                Timer::Cancel {
                    which: Some("all".to_owned()),
                }
                .into(),
            )
        },
    },
    Rule {
        phrases: &[
            "(取消|关掉|关闭|停止|删除|停掉|清除|删掉)(这个|那个|我的|)(计时器|定时器|闹钟|提醒|倒计时|计时)",
        ],
        make: |_| Some(Timer::Cancel { which: None }.into()),
    },
    Rule {
        phrases: &[
            "(取消|关掉|关闭|停止|删除|停掉|删掉){}(的|)(计时器|定时器|闹钟|提醒|倒计时)",
            "(取消|关掉|关闭|停止|删除|停掉|删掉)(计时器|定时器|闹钟|提醒|倒计时){}",
        ],
        make: |filled| {
            Some(
                Timer::Cancel {
                    which: Some(filled.blank(0).to_owned()),
                }
                .into(),
            )
        },
    },
    // Things to do.
    Rule {
        phrases: &[
            "(添加|加|新建|新增|增加|创建|记|加入)(一个|一条|一项|个|条|)(待办|待办事项|任务)(:|,|){}",
            "(待办|待办事项|任务):{}",
            "(把|将){}(加到|加入|添加到|放到|放进|加进|记到)(我的|)(待办|待办清单|待办列表|待办事项|任务|任务清单|购物清单|清单)(里|中|上|)",
        ],
        make: |filled| {
            Some(
                Todo::Add {
                    text: filled.text(0)?,
                }
                .into(),
            )
        },
    },
    Rule {
        phrases: &[
            "(查看|列出|显示|看看|看一下|我的|有哪些|有什么|我有哪些|)(所有|全部|我的|)(的|)(待办|待办清单|待办列表|待办事项|任务清单|任务列表|购物清单)(有哪些|有什么|里有什么|上有什么|)",
            "(我|今天|)(今天|)(有什么|有哪些|要)(要做的|要做什么|事要做|事情要做|做什么)",
        ],
        make: |_| Some(Todo::List.into()),
    },
    Rule {
        phrases: &[
            "(完成|勾掉|划掉|勾选|做完)(了|)(待办|待办事项|任务)(:|){}",
            "(完成|勾掉|划掉|勾选|做完)(了|)第{}(个|项|条)(待办|待办事项|任务|)",
            "(勾掉|划掉|勾选){}",
            "(把|将){}(标记为|标为|设为|标成)(完成|已完成|做完)",
        ],
        make: |filled| {
            Some(
                Todo::Finish {
                    which: Some(filled.blank(0).to_owned()),
                }
                .into(),
            )
        },
    },
    Rule {
        phrases: &[
            "(清空|删除所有|删除全部|清除)(我的|)(待办|待办清单|待办列表|待办事项|任务清单|任务)",
        ],
        make: |_| {
            Some(
                Todo::Remove {
                    which: Some("all".to_owned()),
                }
                .into(),
            )
        },
    },
    Rule {
        phrases: &[
            "(删除|删掉|移除|去掉)(待办|待办事项|任务)(:|){}",
            "(删除|删掉|移除|去掉)第{}(个|项|条)(待办|待办事项|任务)",
            "(把|将){}从(待办|待办清单|待办列表|清单|任务清单)(里|中|上|)(删除|删掉|移除|去掉)",
            "从(待办|待办清单|待办列表|清单|任务清单)(里|中|上|)(删除|删掉|移除|去掉){}",
        ],
        make: |filled| {
            Some(
                Todo::Remove {
                    which: Some(filled.blank(0).to_owned()),
                }
                .into(),
            )
        },
    },
    // Notes.
    Rule {
        phrases: &[
            "(记一下|记下来|记下|记住|记个笔记|记笔记|写笔记|做个笔记|添加笔记|新建笔记|加个笔记|加一条笔记|笔记:|备忘:|记录一下|备忘一下)(:|,|){}",
        ],
        make: |filled| {
            Some(
                Note::Add {
                    text: filled.text(0)?,
                }
                .into(),
            )
        },
    },
    Rule {
        phrases: &[
            "(查看|列出|显示|看看|看一下|读|念|我的|有哪些|有什么|我有哪些|)(所有|全部|我的|)(的|)(笔记|备忘|备忘录)(有哪些|有什么|列表|)",
            "我(记了|记下了|写了)(什么|哪些|些什么)",
        ],
        make: |_| Some(Note::List.into()),
    },
    Rule {
        phrases: &["(清空|删除所有|删除全部|清除所有|清除)(的|我的|)(笔记|备忘录|备忘)"],
        make: |_| {
            Some(
                Note::Remove {
                    which: Some("all".to_owned()),
                }
                .into(),
            )
        },
    },
    Rule {
        phrases: &[
            "(删除|删掉|移除|去掉)第{}(条|个|)(笔记|备忘)",
            "(删除|删掉|移除|去掉)(关于|有关){}的(笔记|备忘)",
            "(删除|删掉|移除|去掉)(笔记|备忘)(:|){}",
        ],
        make: |filled| {
            Some(
                Note::Remove {
                    which: Some(filled.blank(0).to_owned()),
                }
                .into(),
            )
        },
    },
];
