//! How things stand, beside the chat of a wide screen.

use super::*;

#[test]
fn a_wide_screen_tells_beside_the_chat_how_things_stand() {
    let mut scene = Scene::online(160, 20);
    scene.exchange("你好", "Tea is a drink. ".repeat(20).trim());
    insta::assert_snapshot!("panel_160x20", scene.picture());
    scene.model.lang = Lang::Zh;
    insta::assert_snapshot!("panel_zh", scene.picture());
}

#[test]
fn it_is_there_only_where_there_is_room_and_nobody_minds() {
    let has = |scene: &mut Scene| scene.picture().contains("│ now");
    let table = [
        (200, 50, true),
        (150, 14, true),
        (149, 50, false),
        (200, 13, false),
    ];
    for (columns, rows, wanted) in table {
        let mut scene = Scene::online(columns, rows);
        assert_eq!(has(&mut scene), wanted, "{columns}x{rows}");
        scene.tell(Msg::Act("toggle-panel".parse().unwrap()));
        assert!(!has(&mut scene));
    }
}
