//! One write in each of four ways: plain Diesel, a batch of raw SQL, a raw query, and the manager.

/// The ways to write.
pub(super) const WAYS: [&str; 4] = ["plain", "batch", "manager", "query"];

/// Raw SQL, as a batch or as a query.
macro_rules! raw {
    ($conn:ident, $way:ident, $sql:expr) => {
        match $way {
            "batch" => wait!($conn.batch_execute(&$sql)).unwrap(),
            _ => drop(wait!(diesel::sql_query($sql).execute($conn)).unwrap()),
        }
    };
}

/// `column = value` as SQL, between so many separators.
macro_rules! listed {
    ($separator:literal, $($column:ident = $value:expr),+) => {
        [$(format!("{} = {}", stringify!($column), Literal::sql(&$value))),+].join($separator)
    };
}

macro_rules! insert {
    ($conn:ident, $way:ident, $table:ident $model:ident: $($column:ident = $value:expr),+) => {{
        let values = ($($table::$column.eq($value),)+);
        match $way {
            "plain" => drop(wait!(diesel::insert_into($table::table).values(values).execute($conn)).unwrap()),
            "manager" => drop(wait!($model::cached().insert(values, $conn)).unwrap()),
            _ => {
                let columns = [$(stringify!($column)),+].join(", ");
                let values = [$(Literal::sql(&$value)),+].join(", ");
                let sql = format!("INSERT INTO {} ({columns}) VALUES ({values})", stringify!($table));
                raw!($conn, $way, sql);
            }
        }
    }};
}

macro_rules! update {
    (
        $conn:ident, $way:ident, $table:ident $model:ident [$($key:ident = $id:expr),+]:
        $($column:ident = $value:expr),+
    ) => {{
        let values = ($($table::$column.eq($value),)+);
        match $way {
            "plain" => {
                let update = diesel::update($table::table.find(($($id),+))).set(values);
                wait!(update.execute($conn)).unwrap();
            }
            "manager" => {
                let object = wait!($model::cached().find(($($id),+)).first($conn)).unwrap();
                wait!($model::cached().update(&object, values, $conn)).unwrap();
            }
            _ => {
                let (set, key) = (listed!(", ", $($column = $value),+), listed!(" AND ", $($key = $id),+));
                raw!($conn, $way, format!("UPDATE {} SET {set} WHERE {key}", stringify!($table)));
            }
        }
    }};
}

macro_rules! delete {
    ($conn:ident, $way:ident, $table:ident $model:ident [$($key:ident = $id:expr),+]) => {
        match $way {
            "plain" => drop(wait!(diesel::delete($table::table.find(($($id),+))).execute($conn)).unwrap()),
            "manager" => {
                let object = wait!($model::cached().find(($($id),+)).first($conn)).unwrap();
                wait!($model::cached().delete(&object, $conn)).unwrap();
            }
            _ => {
                let key = listed!(" AND ", $($key = $id),+);
                raw!($conn, $way, format!("DELETE FROM {} WHERE {key}", stringify!($table)));
            }
        }
    };
}

macro_rules! update_all {
    (
        $conn:ident, $way:ident, $table:ident $model:ident [$key:ident = $id:expr]:
        $($column:ident = $value:expr),+
    ) => {{
        let values = ($($table::$column.eq($value),)+);
        match $way {
            "plain" => {
                let update = diesel::update($table::table.filter($table::$key.eq($id))).set(values);
                wait!(update.execute($conn)).unwrap();
            }
            "manager" => {
                let some = $model::cached().filter($table::$key.eq($id));
                wait!(some.update_all(values, $conn)).unwrap();
            }
            _ => {
                let (set, key) = (listed!(", ", $($column = $value),+), listed!("", $key = $id));
                raw!($conn, $way, format!("UPDATE {} SET {set} WHERE {key}", stringify!($table)));
            }
        }
    }};
}

macro_rules! delete_all {
    ($conn:ident, $way:ident, $table:ident $model:ident [$key:ident = $id:expr]) => {
        match $way {
            "plain" => {
                let some = $table::table.filter($table::$key.eq($id));
                wait!(diesel::delete(some).execute($conn)).unwrap();
            }
            "manager" => {
                let some = $model::cached().filter($table::$key.eq($id));
                wait!(some.delete_all($conn)).unwrap();
            }
            _ => {
                let key = listed!("", $key = $id);
                raw!(
                    $conn,
                    $way,
                    format!("DELETE FROM {} WHERE {key}", stringify!($table))
                );
            }
        }
    };
}

/// A whole object that the program has changed.
macro_rules! save {
    ($conn:ident, $way:ident, $table:ident $model:ident [$id:expr]: $column:ident = $value:expr) => {{
        let object = wait!($model::cached().find($id).first($conn)).unwrap();
        let mut changed = $model::clone(&object);
        changed.$column = $value.into();
        match $way {
            "manager" => drop(wait!($model::cached().save(changed, $conn)).unwrap()),
            _ => {
                let update = diesel::update($table::table.find($id)).set(&changed);
                wait!(update.execute($conn)).unwrap();
            }
        }
    }};
}

pub(super) use {delete, delete_all, insert, listed, raw, save, update, update_all};
