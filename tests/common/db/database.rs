use diesel::Connection;

/// What helpers ask of a test's database, whichever it is.
pub(crate) trait Database {
    type Conn: Connection;

    fn url(&self) -> &str;

    fn connect(&self) -> Self::Conn;
}

macro_rules! databases {
    ($($(#[$gate:meta])? $database:ident)+) => {$(
        $(#[$gate])?
        impl Database for super::$database::Db {
            type Conn = super::$database::Conn;

            fn url(&self) -> &str {
                self.url()
            }

            fn connect(&self) -> Self::Conn {
                self.connect()
            }
        }
    )+};
}

databases! {
    sqlite
    #[cfg(feature = "postgres")]
    postgres
    #[cfg(feature = "mysql")]
    mysql
}
