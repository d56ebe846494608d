//! The client: the partner in the words of management accounting (C-001, C-016, C-022).

crate::kind! {
    client, title: NAME, home: OwnClient, {
        /// What everybody calls him.
        NAME: String = text("name").required().search().in_list();
        /// Where the relation stands.
        STATUS: String = choice("status", &["prospect", "active", "paused", "former"]).in_list();
        /// Category, which sets how often to be in touch.
        CATEGORY: RecordId = reference("category", "client_category").in_list();
        /// Business region.
        REGION: RecordId = reference("region", "business_region").in_list();
        /// Who is responsible; the office decides.
        RESPONSIBLE: UserId = user("responsible").from_authority().in_list();
        /// Phones of the firm itself.
        PHONES: Vec<EntryOf<String>> = many(phone("phones")).search().personal().leading();
        /// Mail addresses of the firm itself.
        EMAILS: Vec<EntryOf<String>> = many(email("emails")).search().personal();
        /// Web site.
        WEBSITE: String = url("website");
        /// Town.
        CITY: String = text("city").search().in_list().leading();
        /// Street and house, as a driver needs it.
        ADDRESS: String = text("address").search().leading();
        /// He buys from us.
        IS_CLIENT: bool = flag("is_client");
        /// We buy from him.
        IS_SUPPLIER: bool = flag("is_supplier");
        /// Any other relation.
        IS_OTHER: bool = flag("is_other");
        /// Where we know him from.
        SOURCE: String = text("source");
        /// Days between contacts, where it differs from the category's.
        CONTACT_EVERY: i64 = int("contact_every");
        /// Whatever else matters.
        NOTE: String = note("note").search().personal().leading();
        /// What other programs call him.
        FOREIGN_IDS: Vec<EntryOf<String>> = many(text("foreign_ids")).personal().for_files();
        /// Lines of his address card that mean nothing here and something to another program.
        CARD_LINES: String = memo("card_lines").personal().for_files();
        /// When somebody was last in touch.
        LAST_CONTACT: chrono::DateTime<chrono::Utc> = instant("last_contact").computed().in_list();
        /// When somebody is to be in touch next.
        NEXT_CONTACT: chrono::DateTime<chrono::Utc> = instant("next_contact").computed().in_list();
    }
}
