//! Which parents each child belongs to, as the database itself says it: [`SelectsMarks`].

use std::future::Future;
use std::ops::ControlFlow;

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::deserialize::FromSqlRow;
use diesel::dsl::{Select, SqlTypeOf};
use diesel::expression::{Expression, QueryMetadata};
use diesel::query_builder::{Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::SelectDsl;
use diesel::sql_types::Text;

use crate::connection::{ConnectionKind, Driver, Visitor};
use crate::model::{IdentityMapped, Model};
use crate::query::{MarkedKeys, key_after};

/// The keys of children, each with the marks of the parents it belongs to.
pub(super) type MarkedChildren<C> = Vec<(MarkedKeys, <C as IdentityMapped>::Key)>;

/// A query of children `C` that can select `Marks` beside the key of each.
pub trait SelectsMarks<C: Model, Marks, Conn, D>: Sized {
    /// Sends it.
    ///
    /// # Errors
    /// Whatever the database answers.
    #[doc(hidden)]
    fn send_for_marks<'c>(
        self,
        marks: Marks,
        conn: &'c mut Conn,
        children: &'c mut MarkedChildren<C>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Self: 'c,
        Marks: 'c;
}

#[diagnostic::do_not_recommend]
impl<Q, C, Marks, Conn, D, DB> SelectsMarks<C, Marks, Conn, D> for Q
where
    D: ConnectionKind,
    DB: Backend + QueryMetadata<<Select<Q, (Marks, C::KeyColumns)> as Query>::SqlType>,
    Conn: Driver<D, Backend = DB>,
    C: Model<KeyRow: FromSqlRow<SqlTypeOf<C::KeyColumns>, DB>>,
    (Marks, C::KeyColumns): Expression,
    Q: SelectDsl<(Marks, C::KeyColumns)>,
    Select<Q, (Marks, C::KeyColumns)>: Query + QueryFragment<DB> + QueryId,
    String: FromSqlRow<Text, DB>,
{
    fn send_for_marks<'c>(
        self,
        marks: Marks,
        conn: &'c mut Conn,
        children: &'c mut MarkedChildren<C>,
    ) -> impl Future<Output = QueryResult<()>> + Send + 'c
    where
        Self: 'c,
        Marks: 'c,
    {
        conn.visit_rows(
            self.select((marks, C::key_columns())),
            MarksCollector::<C>(children),
        )
    }
}

struct MarksCollector<'c, C: Model>(&'c mut MarkedChildren<C>);

impl<C, Conn, D> Visitor<Conn, D> for MarksCollector<'_, C>
where
    D: ConnectionKind,
    Conn: Driver<D>,
    C: Model<KeyRow: FromSqlRow<SqlTypeOf<C::KeyColumns>, Conn::Backend>>,
    String: FromSqlRow<Text, Conn::Backend>,
{
    fn visit_row<'conn>(
        &mut self,
        row: &Conn::AnsweredRow<'conn, '_>,
    ) -> QueryResult<ControlFlow<()>>
    where
        Conn: 'conn,
    {
        let marked = MarkedKeys::of(row)?;
        self.0
            .push((marked, key_after::<C, Conn::Backend>(1, row)?));
        Ok(ControlFlow::Continue(()))
    }
}
