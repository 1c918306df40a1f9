//! The objects in what a function returns, each with its name: model and key.

use std::any::{Any, type_name};
use std::fmt::Debug;
use std::sync::Arc;

use diesel::QueryResult;
use diesel_identity_map::prelude::*;

use super::mapped::{
    CommentView, CommunityView, MessageView, NotificationView, PostView, ReportView,
};

pub(super) struct Object {
    /// The same for all objects of one row.
    pub(super) name: String,
    pub(super) held: Arc<dyn Any + Send + Sync>,
}

impl Object {
    pub(super) fn address(&self) -> usize {
        address(&self.held)
    }
}

/// Where an object is.
pub(super) fn address(object: &Arc<dyn Any + Send + Sync>) -> usize {
    Arc::as_ptr(object).cast::<()>().addr()
}

pub(super) trait Objects: Debug {
    fn collect(&self, objects: &mut Vec<Object>);

    fn objects(&self) -> Vec<Object> {
        let mut objects = Vec::new();
        self.collect(&mut objects);
        objects
    }
}

impl<M: IdentityMapped + Debug> Objects for Arc<M> {
    fn collect(&self, objects: &mut Vec<Object>) {
        objects.push(Object {
            name: format!("{} {:?}", type_name::<M>(), self.key()),
            held: Arc::clone(self) as _,
        });
    }
}

impl<T: Objects> Objects for Vec<T> {
    fn collect(&self, objects: &mut Vec<Object>) {
        self.iter().for_each(|one| one.collect(objects));
    }
}

impl<T: Objects> Objects for Option<T> {
    fn collect(&self, objects: &mut Vec<Object>) {
        self.iter().for_each(|one| one.collect(objects));
    }
}

/// An error is compared as well.
impl<T: Objects> Objects for QueryResult<T> {
    fn collect(&self, objects: &mut Vec<Object>) {
        self.iter().for_each(|one| one.collect(objects));
    }
}

macro_rules! without_objects {
    ($($scalar:ty)+) => {$(
        impl Objects for $scalar {
            fn collect(&self, _: &mut Vec<Object>) {}
        }
    )+};
}
without_objects! { i64 usize bool }

macro_rules! tuples {
    ($(($($part:ident $at:tt),+))+) => {$(
        impl<$($part: Objects),+> Objects for ($($part,)+) {
            fn collect(&self, objects: &mut Vec<Object>) {
                $(self.$at.collect(objects);)+
            }
        }
    )+};
}
tuples! { (A 0, B 1) (A 0, B 1, C 2) }

macro_rules! views {
    ($($view:ident { $($field:ident),+ })+) => {$(
        impl Objects for $view {
            fn collect(&self, objects: &mut Vec<Object>) {
                $(self.$field.collect(objects);)+
            }
        }
    )+};
}
views! {
    PostView { post, creator, community, moderator }
    CommentView { comment, creator, post, vote }
    CommunityView { community, instance, follow }
    ReportView { report, post, community, creator, author, resolver }
    MessageView { message, creator, recipient }
    NotificationView { notification, comment, message }
}
