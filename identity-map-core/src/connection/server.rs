//! What is known of the server behind a connection: [`Server`].

use diesel::backend::Backend;

use crate::database::Product;

/// The answers to what the library asks a server once per connection.
pub(super) struct Server {
    product: Product,
    /// Whether MySQL gives the rows of one `INSERT` consecutive keys; `None` until it was asked.
    #[cfg(feature = "mysql")]
    consecutive_keys: Option<bool>,
}

impl Server {
    pub(super) fn new() -> Self {
        Self {
            product: Product::Unknown,
            #[cfg(feature = "mysql")]
            consecutive_keys: None,
        }
    }

    pub(super) fn product(&self) -> Product {
        self.product
    }

    pub(super) fn set_product(&mut self, product: Product) {
        self.product = product;
    }

    /// Takes the product from the address, if that says it.
    pub(super) fn learn_address(&mut self, url: &str) {
        if self.product == Product::Unknown {
            self.product = Product::of_address(url);
        }
    }

    /// Takes the product from the type of the backend, unless the product is known already.
    pub(super) fn learn_product<DB: Backend>(&mut self) {
        if self.product == Product::Unknown {
            self.product = Product::of::<DB>();
        }
    }

    /// Whether several futures may send statements on the connection at once, as on PostgreSQL.
    pub(super) fn may_overlap_statements(&self) -> bool {
        matches!(self.product, Product::Postgres | Product::Unknown)
    }

    #[cfg(feature = "mysql")]
    pub(super) fn consecutive_keys(&mut self) -> &mut Option<bool> {
        &mut self.consecutive_keys
    }
}
