use super::*;
use crate::mind::tools::memory::toolbox;
fn ask(builtin: &Builtin, line: &str) -> String {
    let said = vec![Said::User(line.to_owned())];
    futures_util::future::FutureExt::now_or_never(builtin.answer(&said)).unwrap()
}
#[test]
fn generate() {
    for (file, now) in [
        ("/tmp/en.txt", "2026-11-20T15:04:05+01:00[Europe/Berlin]"),
        ("/tmp/zh.txt", "2026-11-20T15:04:05+08:00[Asia/Shanghai]"),
    ] {
        let b = Builtin::new(Arc::new(toolbox(now)), Arc::new(|lang| format!("{lang:?}")));
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let a = ask(&b, line);
            let f = [Lang::En, Lang::Zh]
                .into_iter()
                .find(|l| a == words::fallback(*l));
            println!(
                "{line}\t{}",
                f.map_or_else(|| format!("{a:?}"), |_| "FALLBACK".into())
            );
        }
    }
}
