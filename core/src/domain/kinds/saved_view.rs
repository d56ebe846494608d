//! A saved view: how somebody wants to see a list (C-083). Personal, or shared with a department by whoever supervises
//! it. Columns, order and conditions are kept as the screens write them: a view may name fields of a newer version,
//! and keeps them.

crate::kind! {
    saved_view, title: NAME, home: PersonalOrDepartment, {
        /// What it is called.
        NAME: String = text("name").required().in_list();
        /// Key of the kind it lists.
        OF: String = text("of").required();
        /// How rows are laid out.
        LAYOUT: String = choice("layout", &["table", "cards", "kanban", "calendar"]).in_list();
        /// Whose records.
        SCOPE: String = choice("scope", &["mine", "staff", "all"]).in_list();
        /// Columns in order with their widths, as JSON.
        COLUMNS: String = memo("columns");
        /// Keys of the order, as JSON.
        SORT: String = memo("sort");
        /// What is put together, as JSON.
        GROUPING: String = memo("grouping");
        /// Conditions, as JSON.
        CONDITIONS: String = memo("conditions");
        /// Conditions with the looks of the rows they hold for, as JSON.
        APPEARANCE: String = memo("appearance");
        /// The field whose values are the columns of a board, or whose days are those of a calendar.
        BY: String = text("by");
        /// It stands in the sidebar.
        PINNED: bool = flag("pinned").in_list();
        /// Place among the others, least first.
        PLACE: i64 = int("place");
    }
}
