//! A field the organisation makes for itself (C-001): the definition is a record like any other, so it is synced,
//! works offline and has a history. What it does to the kind it belongs to is in `domain::custom`.

crate::kind! {
    custom_field, title: NAME, home: OrganisationByAdmin, {
        /// What people call it, where there is no word for their language.
        NAME: String = text("name").required().in_list();
        /// The kind it belongs to; for ever.
        OF: String = text("of").required().fixed().in_list();
        /// What it holds; for ever.
        TYPE: String = choice("type",
            &["text", "memo", "choice", "day", "bool", "int", "phone", "email", "url", "reference"])
            .required().fixed().in_list();
        /// Of a reference: the kind it points at; for ever.
        TARGET: String = text("target").fixed();
        /// Of a choice: its values. The document of a record holds the entry's id, so that a word may be corrected.
        CHOICES: Vec<EntryOf<String>> = many(text("choices"));
        /// What it is called in English.
        NAME_EN: String = text("name_en");
        /// What it is called in Russian.
        NAME_RU: String = text("name_ru");
        /// What it is called in Ukrainian.
        NAME_UK: String = text("name_uk");
        /// Forms want it filled.
        REQUIRED: bool = flag("required");
        /// Part of the list before anybody chose columns.
        IN_LIST: bool = flag("in_list");
        /// Found by search.
        SEARCH: bool = flag("search");
        /// Says something of a natural person; erased with him.
        PERSONAL: bool = flag("personal");
        /// Place among the other fields made here, least first.
        PLACE: i64 = int("place");
        /// Not offered any more; what it holds stays.
        ARCHIVED: bool = flag("archived").in_list();
    }
}
