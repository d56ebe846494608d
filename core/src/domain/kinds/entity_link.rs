//! The link between a partner and a legal entity: a record of its own, so that either side may have many (D-7).

crate::kind! {
    entity_link, title: PARTNER, home: UnderClient, {
        /// The client.
        PARTNER: RecordId = reference("partner", "client");
        /// The legal entity.
        LEGAL_ENTITY: RecordId = reference("legal_entity", "legal_entity");
        /// The one shown first.
        MAIN: bool = flag("main");
    }
}
