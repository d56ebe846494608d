//! Categories of clients, which set how often to be in touch (C-013).

crate::kind! {
    client_category, title: NAME, home: Organisation, {
        /// Its name.
        NAME: String = text("name").required().search().in_list();
        /// Days between contacts with clients of this category.
        CONTACT_EVERY: i64 = int("contact_every").in_list();
    }
}
