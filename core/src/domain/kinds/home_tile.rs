//! A tile of somebody's home page (C-004). Personal, so it follows its owner to every device of his. Each tile is a
//! record of its own: two devices that add different tiles keep both. A tile taken off keeps its record, unshown, and
//! comes back as it was.

crate::kind! {
    home_tile, title: WHAT, home: Personal, {
        /// What it shows: the key of one of the product's own tiles, or `view` for a saved view.
        WHAT: String = text("what").required();
        /// Id of the saved view it shows, for `view`.
        VIEW: String = text("view");
        /// How much room it takes on a wide screen.
        SIZE: String = choice("size", &["s", "m", "l"]);
        /// Place among the others, least first.
        PLACE: i64 = int("place");
        /// It stands on the page.
        SHOWN: bool = flag("shown");
    }
}
