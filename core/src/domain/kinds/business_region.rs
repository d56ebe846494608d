//! Business regions, by which clients are grouped and controlled (C-008, C-014).

crate::kind! {
    business_region, title: NAME, home: Organisation, {
        /// Its name.
        NAME: String = text("name").required().search().in_list();
    }
}
