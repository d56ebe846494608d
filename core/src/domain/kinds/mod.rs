//! The record kinds the product brings, each declared once.

pub mod business_region;
pub mod client;
pub mod client_category;
pub mod custom_field;
pub mod distinction;
pub mod entity_link;
pub mod home_tile;
pub mod interaction;
pub mod legal_entity;
pub mod person;
pub mod saved_view;

use super::kind::Kind;

/// All of them, in the order of menus.
pub static ALL: [&Kind; 11] = [
    &client::KIND,
    &person::KIND,
    &legal_entity::KIND,
    &entity_link::KIND,
    &interaction::KIND,
    &business_region::KIND,
    &client_category::KIND,
    &saved_view::KIND,
    &home_tile::KIND,
    &custom_field::KIND,
    &distinction::KIND,
];
