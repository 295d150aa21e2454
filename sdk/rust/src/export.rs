//! The one macro a plugin needs.

/// Lists the classes of a plugin, each a type that implements [`crate::SourceConnector`] or [`crate::SinkConnector`]:
///
/// ```text
/// watertight_sdk::export! { sources: [MySource], sinks: [MySink] }
/// ```
///
/// Either list may be left out; the component then does not export that role's interfaces. Writes the metadata
/// section as well.
#[macro_export]
macro_rules! export {
    (sources: [$($source:ty),+ $(,)?] $(,)?) => {
        $crate::export!(@plugin [$($source),+] []);
        $crate::export!(@sources $($source),+);
    };
    (sinks: [$($sink:ty),+ $(,)?] $(,)?) => {
        $crate::export!(@plugin [] [$($sink),+]);
        $crate::export!(@sinks $($sink),+);
    };
    (sources: [$($source:ty),+ $(,)?], sinks: [$($sink:ty),+ $(,)?] $(,)?) => {
        $crate::export!(@plugin [$($source),+] [$($sink),+]);
        $crate::export!(@sources $($source),+);
        $crate::export!(@sinks $($sink),+);
    };
    (@plugin [$($source:ty),*] [$($sink:ty),*]) => {
        #[doc(hidden)]
        pub struct WatertightPlugin;

        impl $crate::__private::Plugin for WatertightPlugin {
            const SOURCES: &'static [&'static $crate::Class] =
                &[$(&<$source as $crate::SourceConnector>::CLASS),*];
            const SINKS: &'static [&'static $crate::Class] =
                &[$(&<$sink as $crate::SinkConnector>::CLASS),*];
        }

        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::__private::Plugin;

            const LENGTH: usize =
                $crate::metadata::measure(WatertightPlugin::SOURCES, WatertightPlugin::SINKS);

            #[used]
            #[unsafe(link_section = "watertight:plugin")]
            static METADATA: [u8; LENGTH] =
                $crate::metadata::encode(WatertightPlugin::SOURCES, WatertightPlugin::SINKS);

            $crate::bindings::base::export_base!(WatertightPlugin with_types_in $crate::bindings::base);
        };
    };
    (@sources $($source:ty),+) => {
        impl $crate::__private::SourcePlugin for WatertightPlugin {
            const SOURCE_CLASSES: &'static [$crate::__private::SourceClass] =
                &[$($crate::__private::SourceClass::of::<$source>()),+];
        }

        #[cfg(target_arch = "wasm32")]
        $crate::bindings::source::export_source!(WatertightPlugin with_types_in $crate::bindings::source);
    };
    (@sinks $($sink:ty),+) => {
        impl $crate::__private::SinkPlugin for WatertightPlugin {
            const SINK_CLASSES: &'static [$crate::__private::SinkClass] =
                &[$($crate::__private::SinkClass::of::<$sink>()),+];
        }

        #[cfg(target_arch = "wasm32")]
        $crate::bindings::sink::export_sink!(WatertightPlugin with_types_in $crate::bindings::sink);
    };
}
