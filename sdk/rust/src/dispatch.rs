//! From the contract's plain functions to the traits: finds the class that was asked for and keeps the one connector
//! or task that this instance is.

use std::cell::RefCell;

use crate::bindings::base::exports::watertight::plugin::catalogue;
use crate::bindings::sink::exports::watertight::sink::{sink_connector, sink_task};
use crate::bindings::source::exports::watertight::source::{source_connector, source_task};
use crate::{
    Acknowledgements, Checkup, Class, CommitReport, Config, Failure, KeyReport, PollLimits, Position, PutReport,
    Result, Setting, SinkBatch, SinkConnector, SinkTask, SourceBatch, SourceConnector, SourceTask, TopicOffset,
    TopicPartition,
};

/// What [`crate::export!`] makes of a plugin.
pub trait Plugin: 'static {
    /// For the metadata and `describe`.
    const CLASSES: &'static [Listed];
}

/// The classes of one role.
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    /// The contract's word.
    pub role: &'static str,
    /// In the order of the list.
    pub classes: &'static [&'static Class],
}

/// A plugin with source connectors.
pub trait SourcePlugin: Plugin {
    /// In the order of the list.
    const SOURCE_CLASSES: &'static [SourceClass];
}

/// A plugin with sink connectors.
pub trait SinkPlugin: Plugin {
    /// In the order of the list.
    const SINK_CLASSES: &'static [SinkClass];
}

/// Ways to make the objects of one source class.
pub struct SourceClass {
    class: Class,
    connector: fn() -> Box<dyn AnySourceConnector>,
    task: fn() -> Box<dyn SourceTask>,
}

impl SourceClass {
    /// The class's own way.
    pub const fn of<C: SourceConnector>() -> Self {
        Self { class: C::CLASS, connector: || Box::new(C::default()), task: || Box::new(C::Task::default()) }
    }
}

/// Ways to make the objects of one sink class.
pub struct SinkClass {
    class: Class,
    connector: fn() -> Box<dyn AnySinkConnector>,
    task: fn() -> Box<dyn SinkTask>,
}

impl SinkClass {
    /// The class's own way.
    pub const fn of<C: SinkConnector>() -> Self {
        Self { class: C::CLASS, connector: || Box::new(C::default()), task: || Box::new(C::Task::default()) }
    }
}

type SourceOffsets = [(Position, Option<Position>)];
type SinkOffsets = [(TopicPartition, Option<i64>)];

/// `SourceConnector` without what stands in the way of a trait object.
trait AnySourceConnector {
    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>>;
    fn exactly_once_support(&self, config: &Config) -> Result<Option<bool>>;
    fn can_define_transaction_boundaries(&self, config: &Config) -> Result<bool>;
    fn alter_offsets(&self, config: &Config, offsets: &SourceOffsets) -> Result<bool>;
    fn start(&mut self, config: &Config) -> Result<()>;
    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>>;
    fn check(&mut self) -> Result<Checkup>;
    fn stop(&mut self);
}

impl<C: SourceConnector> AnySourceConnector for C {
    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        SourceConnector::validate(self, config)
    }
    fn exactly_once_support(&self, config: &Config) -> Result<Option<bool>> {
        SourceConnector::exactly_once_support(self, config)
    }
    fn can_define_transaction_boundaries(&self, config: &Config) -> Result<bool> {
        SourceConnector::can_define_transaction_boundaries(self, config)
    }
    fn alter_offsets(&self, config: &Config, offsets: &SourceOffsets) -> Result<bool> {
        SourceConnector::alter_offsets(self, config, offsets)
    }
    fn start(&mut self, config: &Config) -> Result<()> {
        SourceConnector::start(self, config)
    }
    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        SourceConnector::task_configs(self, max_tasks)
    }
    fn check(&mut self) -> Result<Checkup> {
        SourceConnector::check(self)
    }
    fn stop(&mut self) {
        SourceConnector::stop(self);
    }
}

/// `SinkConnector` without what stands in the way of a trait object.
trait AnySinkConnector {
    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>>;
    fn alter_offsets(&self, config: &Config, offsets: &SinkOffsets) -> Result<bool>;
    fn start(&mut self, config: &Config) -> Result<()>;
    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>>;
    fn check(&mut self) -> Result<Checkup>;
    fn stop(&mut self);
}

impl<C: SinkConnector> AnySinkConnector for C {
    fn validate(&self, config: &Config) -> Result<Vec<KeyReport>> {
        SinkConnector::validate(self, config)
    }
    fn alter_offsets(&self, config: &Config, offsets: &SinkOffsets) -> Result<bool> {
        SinkConnector::alter_offsets(self, config, offsets)
    }
    fn start(&mut self, config: &Config) -> Result<()> {
        SinkConnector::start(self, config)
    }
    fn task_configs(&mut self, max_tasks: usize) -> Result<Vec<Config>> {
        SinkConnector::task_configs(self, max_tasks)
    }
    fn check(&mut self) -> Result<Checkup> {
        SinkConnector::check(self)
    }
    fn stop(&mut self) {
        SinkConnector::stop(self);
    }
}

thread_local! {
    static SOURCE_CONNECTOR: RefCell<Option<Box<dyn AnySourceConnector>>> = const { RefCell::new(None) };
    static SOURCE_TASK: RefCell<Option<Box<dyn SourceTask>>> = const { RefCell::new(None) };
    static SINK_CONNECTOR: RefCell<Option<Box<dyn AnySinkConnector>>> = const { RefCell::new(None) };
    static SINK_TASK: RefCell<Option<Box<dyn SinkTask>>> = const { RefCell::new(None) };
}

pub(crate) type Cell<T> = std::thread::LocalKey<RefCell<Option<Box<T>>>>;

pub(crate) fn running<T: ?Sized, R>(cell: &'static Cell<T>, call: impl FnOnce(&mut T) -> Result<R>) -> Result<R> {
    cell.with_borrow_mut(|slot| match slot {
        Some(object) => call(object),
        None => Err(Failure::new("illegal-state", "called before start")),
    })
}

/// The object stays even if its start fails: the worker may still call `stop`.
pub(crate) fn started<T: ?Sized, R>(
    cell: &'static Cell<T>,
    object: Box<T>,
    call: impl FnOnce(&mut T) -> Result<R>,
) -> Result<R> {
    report_panics();
    cell.with_borrow_mut(|slot| call(slot.insert(object)))
}

/// A panic ends in a trap, whose backtrace does not say why: the message goes to the worker's log first.
pub(crate) fn report_panics() {
    #[cfg(target_arch = "wasm32")]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| {
            std::panic::set_hook(Box::new(|info| {
                let message = info.payload_as_str().unwrap_or("no message");
                match info.location() {
                    Some(place) => crate::error!("panicked at {place}: {message}"),
                    None => crate::error!("panicked: {message}"),
                }
            }));
        });
    }
}

fn source_class(classes: &'static [SourceClass], name: &str) -> Result<&'static SourceClass> {
    report_panics();
    classes.iter().find(|entry| entry.class.is_called(name)).ok_or_else(|| unknown(name))
}

fn sink_class(classes: &'static [SinkClass], name: &str) -> Result<&'static SinkClass> {
    report_panics();
    classes.iter().find(|entry| entry.class.is_called(name)).ok_or_else(|| unknown(name))
}

pub(crate) fn unknown(name: &str) -> Failure {
    Failure::config(format!("this plugin has no class {name}"))
}

fn settings(configs: Vec<Config>) -> Vec<Vec<Setting>> {
    configs.into_iter().map(Into::into).collect()
}

impl<P: Plugin> catalogue::Guest for P {
    fn describe() -> Vec<catalogue::PluginClass> {
        let of_role = |listed: &'static Listed| listed.classes.iter().map(|class| describe(class, listed.role));
        P::CLASSES.iter().flat_map(of_role).collect()
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn describe(class: &Class, role: &str) -> catalogue::PluginClass {
    let key = |key: &crate::ConfigKey| catalogue::ConfigKey {
        name: key.name.to_owned(),
        kind: key.kind.word().to_owned(),
        required: key.required,
        default_value: key.default_value.map(ToOwned::to_owned),
        importance: key.importance.word().to_owned(),
        documentation: key.documentation.to_owned(),
        group: key.group.map(ToOwned::to_owned),
        order_in_group: key.order_in_group,
        width: key.width.word().to_owned(),
        display_name: key.display_name.map(ToOwned::to_owned),
        dependents: owned(key.dependents),
        attributes: key.attributes.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
    };
    catalogue::PluginClass {
        name: class.name.to_owned(),
        aliases: owned(class.aliases),
        role: role.to_owned(),
        version: class.version.to_owned(),
        task_class: class.task_class.map(ToOwned::to_owned),
        documentation: class.documentation.to_owned(),
        config: class.config.iter().map(key).collect(),
        features: owned(class.features),
    }
}

impl<P: SourcePlugin> source_connector::Guest for P {
    fn validate(class_name: String, config: Vec<Setting>) -> Result<Vec<KeyReport>> {
        (source_class(P::SOURCE_CLASSES, &class_name)?.connector)().validate(&config.into())
    }
    fn exactly_once_support(class_name: String, config: Vec<Setting>) -> Result<Option<bool>> {
        (source_class(P::SOURCE_CLASSES, &class_name)?.connector)().exactly_once_support(&config.into())
    }
    fn can_define_transaction_boundaries(class_name: String, config: Vec<Setting>) -> Result<bool> {
        (source_class(P::SOURCE_CLASSES, &class_name)?.connector)().can_define_transaction_boundaries(&config.into())
    }
    fn alter_offsets(
        class_name: String,
        config: Vec<Setting>,
        offsets: Vec<(Position, Option<Position>)>,
    ) -> Result<bool> {
        (source_class(P::SOURCE_CLASSES, &class_name)?.connector)().alter_offsets(&config.into(), &offsets)
    }
    fn start(class_name: String, config: Vec<Setting>) -> Result<()> {
        let object = (source_class(P::SOURCE_CLASSES, &class_name)?.connector)();
        started(&SOURCE_CONNECTOR, object, |connector| connector.start(&config.into()))
    }
    fn task_configs(max_tasks: u32) -> Result<Vec<Vec<Setting>>> {
        running(&SOURCE_CONNECTOR, |connector| connector.task_configs(max_tasks as usize)).map(settings)
    }
    fn check() -> Result<Checkup> {
        running(&SOURCE_CONNECTOR, |connector| connector.check())
    }
    fn stop() {
        SOURCE_CONNECTOR.with_borrow_mut(|slot| slot.iter_mut().for_each(|connector| connector.stop()));
    }
}

impl<P: SourcePlugin> source_task::Guest for P {
    fn start(class_name: String, config: Vec<Setting>) -> Result<()> {
        let object = (source_class(P::SOURCE_CLASSES, &class_name)?.task)();
        started(&SOURCE_TASK, object, |task| task.start(&config.into()))
    }
    fn poll(max_records: u32, max_bytes: u32, max_ms: u32) -> Result<SourceBatch> {
        let limits = PollLimits::new(max_records, max_bytes, max_ms)?;
        running(&SOURCE_TASK, |task| task.poll(&limits))
    }
    fn acknowledge(done: Acknowledgements) -> Result<()> {
        running(&SOURCE_TASK, |task| task.acknowledge(&done))
    }
    fn committed() -> Result<()> {
        running(&SOURCE_TASK, |task| task.committed())
    }
    fn stop() {
        SOURCE_TASK.with_borrow_mut(|slot| slot.iter_mut().for_each(|task| task.stop()));
    }
}

impl<P: SinkPlugin> sink_connector::Guest for P {
    fn validate(class_name: String, config: Vec<Setting>) -> Result<Vec<KeyReport>> {
        (sink_class(P::SINK_CLASSES, &class_name)?.connector)().validate(&config.into())
    }
    fn alter_offsets(
        class_name: String,
        config: Vec<Setting>,
        offsets: Vec<(TopicPartition, Option<i64>)>,
    ) -> Result<bool> {
        (sink_class(P::SINK_CLASSES, &class_name)?.connector)().alter_offsets(&config.into(), &offsets)
    }
    fn start(class_name: String, config: Vec<Setting>) -> Result<()> {
        let object = (sink_class(P::SINK_CLASSES, &class_name)?.connector)();
        started(&SINK_CONNECTOR, object, |connector| connector.start(&config.into()))
    }
    fn task_configs(max_tasks: u32) -> Result<Vec<Vec<Setting>>> {
        running(&SINK_CONNECTOR, |connector| connector.task_configs(max_tasks as usize)).map(settings)
    }
    fn check() -> Result<Checkup> {
        running(&SINK_CONNECTOR, |connector| connector.check())
    }
    fn stop() {
        SINK_CONNECTOR.with_borrow_mut(|slot| slot.iter_mut().for_each(|connector| connector.stop()));
    }
}

impl<P: SinkPlugin> sink_task::Guest for P {
    fn start(class_name: String, config: Vec<Setting>) -> Result<()> {
        let object = (sink_class(P::SINK_CLASSES, &class_name)?.task)();
        started(&SINK_TASK, object, |task| task.start(&config.into()))
    }
    fn open(partitions: Vec<TopicPartition>) -> Result<()> {
        running(&SINK_TASK, |task| task.open(&partitions))
    }
    fn put(batch: SinkBatch) -> Result<PutReport> {
        running(&SINK_TASK, |task| task.put(batch))
    }
    fn pre_commit(offsets: Vec<TopicOffset>) -> Result<CommitReport> {
        running(&SINK_TASK, |task| task.pre_commit(offsets))
    }
    fn close(partitions: Vec<TopicPartition>, lost: bool) -> Result<()> {
        running(&SINK_TASK, |task| task.close(&partitions, lost))
    }
    fn stop() {
        SINK_TASK.with_borrow_mut(|slot| slot.iter_mut().for_each(|task| task.stop()));
    }
}
