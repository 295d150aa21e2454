//! The way from the contract's plain functions to transforms, predicates and converters.

use std::cell::RefCell;

use crate::bindings::converter::exports::watertight::converter::conversion;
use crate::bindings::transform::exports::watertight::transform::{predicate, transformation};
use crate::dispatch::{Plugin, report_panics, running, started, unknown};
use crate::{
    BytesOut, Class, Config, Converter, Datum, Failure, FromItem, KeyReport, MessageBatch, Predicate, Result, Setting,
    ToItem, Transformation, Transformed, Usage,
};

macro_rules! classes {
    ($plugin:ident, $list:ident, $entry:ident, $role:ident, $any:ident, $doc:literal) => {
        #[doc = concat!("A plugin with ", $doc, ".")]
        pub trait $plugin: Plugin {
            /// In the order of the list.
            const $list: &'static [$entry];
        }

        #[doc = concat!("The way to make the object of one class of ", $doc, ".")]
        pub struct $entry {
            class: Class,
            make: fn() -> Box<dyn $any>,
        }

        impl $entry {
            /// The class's own way.
            pub const fn of<T: $role>() -> Self {
                Self { class: T::CLASS, make: || Box::new(T::default()) }
            }

            fn find(classes: &'static [Self], name: &str) -> Result<Box<dyn $any>> {
                report_panics();
                let found = classes.iter().find(|entry| entry.class.is_called(name));
                found.map(|entry| (entry.make)()).ok_or_else(|| unknown(name))
            }
        }
    };
}

classes!(
    TransformationPlugin,
    TRANSFORMATION_CLASSES,
    TransformationClass,
    Transformation,
    AnyTransformation,
    "transforms"
);
classes!(PredicatePlugin, PREDICATE_CLASSES, PredicateClass, Predicate, AnyPredicate, "predicates");
classes!(ConverterPlugin, CONVERTER_CLASSES, ConverterClass, Converter, AnyConverter, "converters");

/// `Transformation` without what stands in the way of a trait object.
trait AnyTransformation {
    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>>;
    fn configure(&mut self, config: &Config) -> Result<()>;
    fn apply_batch(&mut self, batch: MessageBatch) -> Result<Transformed>;
    fn close(&mut self);
}

impl<T: Transformation> AnyTransformation for T {
    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        Transformation::validate(self, config)
    }
    fn configure(&mut self, config: &Config) -> Result<()> {
        Transformation::configure(self, config)
    }
    fn apply_batch(&mut self, batch: MessageBatch) -> Result<Transformed> {
        Transformation::apply_batch(self, batch)
    }
    fn close(&mut self) {
        Transformation::close(self);
    }
}

/// `Predicate` without what stands in the way of a trait object.
trait AnyPredicate {
    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>>;
    fn configure(&mut self, config: &Config) -> Result<()>;
    fn test_batch(&mut self, batch: MessageBatch) -> Result<Vec<Result<bool>>>;
    fn close(&mut self);
}

impl<T: Predicate> AnyPredicate for T {
    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        Predicate::validate(self, config)
    }
    fn configure(&mut self, config: &Config) -> Result<()> {
        Predicate::configure(self, config)
    }
    fn test_batch(&mut self, batch: MessageBatch) -> Result<Vec<Result<bool>>> {
        Predicate::test_batch(self, batch)
    }
    fn close(&mut self) {
        Predicate::close(self);
    }
}

/// `Converter` without what stands in the way of a trait object.
#[allow(clippy::wrong_self_convention)]
trait AnyConverter {
    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>>;
    fn configure(&mut self, config: &Config, usage: Usage) -> Result<()>;
    fn from_connect_batch(&mut self, topics: &[String], items: Vec<FromItem>) -> Result<Vec<Result<BytesOut>>>;
    fn to_connect_batch(&mut self, topics: &[String], items: Vec<ToItem>) -> Result<Vec<Result<Datum>>>;
    fn close(&mut self);
}

impl<T: Converter> AnyConverter for T {
    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        Converter::validate(self, config)
    }
    fn configure(&mut self, config: &Config, usage: Usage) -> Result<()> {
        Converter::configure(self, config, usage)
    }
    fn from_connect_batch(&mut self, topics: &[String], items: Vec<FromItem>) -> Result<Vec<Result<BytesOut>>> {
        Converter::from_connect_batch(self, topics, items)
    }
    fn to_connect_batch(&mut self, topics: &[String], items: Vec<ToItem>) -> Result<Vec<Result<Datum>>> {
        Converter::to_connect_batch(self, topics, items)
    }
    fn close(&mut self) {
        Converter::close(self);
    }
}

thread_local! {
    static TRANSFORMATION: RefCell<Option<Box<dyn AnyTransformation>>> = const { RefCell::new(None) };
    static PREDICATE: RefCell<Option<Box<dyn AnyPredicate>>> = const { RefCell::new(None) };
    static CONVERTER: RefCell<Option<Box<dyn AnyConverter>>> = const { RefCell::new(None) };
}

impl<P: TransformationPlugin> transformation::Guest for P {
    fn validate(class_name: String, config: Vec<Setting>) -> Result<Vec<KeyReport>> {
        TransformationClass::find(P::TRANSFORMATION_CLASSES, &class_name)?.validate(&config.into())
    }
    fn configure(class_name: String, config: Vec<Setting>) -> Result<()> {
        let object = TransformationClass::find(P::TRANSFORMATION_CLASSES, &class_name)?;
        started(&TRANSFORMATION, object, |object| object.configure(&config.into()))
    }
    fn apply(batch: MessageBatch) -> Result<Transformed> {
        running(&TRANSFORMATION, |object| object.apply_batch(batch))
    }
    fn close() {
        TRANSFORMATION.with_borrow_mut(|slot| slot.iter_mut().for_each(|object| object.close()));
    }
}

impl<P: PredicatePlugin> predicate::Guest for P {
    fn validate(class_name: String, config: Vec<Setting>) -> Result<Vec<KeyReport>> {
        PredicateClass::find(P::PREDICATE_CLASSES, &class_name)?.validate(&config.into())
    }
    fn configure(class_name: String, config: Vec<Setting>) -> Result<()> {
        let object = PredicateClass::find(P::PREDICATE_CLASSES, &class_name)?;
        started(&PREDICATE, object, |object| object.configure(&config.into()))
    }
    fn test(batch: MessageBatch) -> Result<Vec<Result<bool, Failure>>> {
        running(&PREDICATE, |object| object.test_batch(batch))
    }
    fn close() {
        PREDICATE.with_borrow_mut(|slot| slot.iter_mut().for_each(|object| object.close()));
    }
}

impl<P: ConverterPlugin> conversion::Guest for P {
    fn validate(class_name: String, config: Vec<Setting>) -> Result<Vec<KeyReport>> {
        ConverterClass::find(P::CONVERTER_CLASSES, &class_name)?.validate(&config.into())
    }
    fn configure(class_name: String, config: Vec<Setting>, usage: String) -> Result<()> {
        let object = ConverterClass::find(P::CONVERTER_CLASSES, &class_name)?;
        let usage = Usage::of(&usage)?;
        started(&CONVERTER, object, |object| object.configure(&config.into(), usage))
    }
    fn from_connect(topics: Vec<String>, items: Vec<FromItem>) -> Result<Vec<Result<BytesOut, Failure>>> {
        running(&CONVERTER, |object| object.from_connect_batch(&topics, items))
    }
    fn to_connect(topics: Vec<String>, items: Vec<ToItem>) -> Result<Vec<Result<Datum, Failure>>> {
        running(&CONVERTER, |object| object.to_connect_batch(&topics, items))
    }
    fn close() {
        CONVERTER.with_borrow_mut(|slot| slot.iter_mut().for_each(|object| object.close()));
    }
}
