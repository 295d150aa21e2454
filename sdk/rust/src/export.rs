//! The one macro a plugin needs.

/// Lists the classes of a plugin, each a type that implements the trait of its list:
///
/// ```text
/// watertight_sdk::export! {
///     sources: [MySource],                  // SourceConnector
///     sinks: [MySink],                      // SinkConnector
///     transformations: [MyTransform],       // Transformation
///     predicates: [MyPredicate],            // Predicate
///     converters: [MyConverter],            // Converter, for keys and values
///     header_converters: [MyConverter],     // Converter, for headers
/// }
/// ```
///
/// Any list may be left out; the component then does not export that role's interfaces. Writes the metadata
/// section as well.
#[macro_export]
macro_rules! export {
    ($($role:ident: [$($class:ty),+ $(,)?]),+ $(,)?) => {
        #[doc(hidden)]
        pub struct WatertightPlugin;

        impl $crate::__private::Plugin for WatertightPlugin {
            const CLASSES: &'static [$crate::__private::Listed] = &[$(
                $crate::__private::Listed {
                    role: $crate::export!(@word $role),
                    classes: &[$(&$crate::export!(@class $role $class)),+],
                }
            ),+];
        }

        #[cfg(target_arch = "wasm32")]
        const _: () = {
            use $crate::__private::Plugin;

            const LENGTH: usize = $crate::metadata::measure(WatertightPlugin::CLASSES);

            #[used]
            #[unsafe(link_section = "watertight:plugin")]
            static METADATA: [u8; LENGTH] = $crate::metadata::encode(WatertightPlugin::CLASSES);

            $crate::bindings::base::export_base!(WatertightPlugin with_types_in $crate::bindings::base);
        };

        $($crate::export!(@role $role $($class),+);)+
        // Transforms and predicates share a world, and both lists of converters an interface.
        $crate::export!(@gather [] [] [] $($role [$($class),+])+);
    };

    (@word sources) => { "source" };
    (@word sinks) => { "sink" };
    (@word transformations) => { "transformation" };
    (@word predicates) => { "predicate" };
    (@word converters) => { "converter" };
    (@word header_converters) => { "header_converter" };

    (@class sources $class:ty) => { <$class as $crate::SourceConnector>::CLASS };
    (@class sinks $class:ty) => { <$class as $crate::SinkConnector>::CLASS };
    (@class transformations $class:ty) => { <$class as $crate::Transformation>::CLASS };
    (@class predicates $class:ty) => { <$class as $crate::Predicate>::CLASS };
    (@class converters $class:ty) => { <$class as $crate::Converter>::CLASS };
    (@class header_converters $class:ty) => { <$class as $crate::Converter>::CLASS };

    (@role sources $($class:ty),+) => {
        impl $crate::__private::SourcePlugin for WatertightPlugin {
            const SOURCE_CLASSES: &'static [$crate::__private::SourceClass] =
                &[$($crate::__private::SourceClass::of::<$class>()),+];
        }

        #[cfg(target_arch = "wasm32")]
        $crate::bindings::source::export_source!(WatertightPlugin with_types_in $crate::bindings::source);
    };
    (@role sinks $($class:ty),+) => {
        impl $crate::__private::SinkPlugin for WatertightPlugin {
            const SINK_CLASSES: &'static [$crate::__private::SinkClass] =
                &[$($crate::__private::SinkClass::of::<$class>()),+];
        }

        #[cfg(target_arch = "wasm32")]
        $crate::bindings::sink::export_sink!(WatertightPlugin with_types_in $crate::bindings::sink);
    };
    (@role transformations $($class:ty),+) => {};
    (@role predicates $($class:ty),+) => {};
    (@role converters $($class:ty),+) => {};
    (@role header_converters $($class:ty),+) => {};

    (@gather [] $predicates:tt $converters:tt transformations [$($class:ty),+] $($rest:tt)*) => {
        $crate::export!(@gather [$($class,)+] $predicates $converters $($rest)*);
    };
    (@gather $transformations:tt [] $converters:tt predicates [$($class:ty),+] $($rest:tt)*) => {
        $crate::export!(@gather $transformations [$($class,)+] $converters $($rest)*);
    };
    (@gather $transformations:tt $predicates:tt [$($all:ty,)*] converters [$($class:ty),+] $($rest:tt)*) => {
        $crate::export!(@gather $transformations $predicates [$($all,)* $($class,)+] $($rest)*);
    };
    (@gather $transformations:tt $predicates:tt [$($all:ty,)*] header_converters [$($class:ty),+] $($rest:tt)*) => {
        $crate::export!(@gather $transformations $predicates [$($all,)* $($class,)+] $($rest)*);
    };
    (@gather $transformations:tt $predicates:tt $converters:tt $other:ident [$($class:ty),+] $($rest:tt)*) => {
        $crate::export!(@gather $transformations $predicates $converters $($rest)*);
    };
    (@gather $transformations:tt $predicates:tt $converters:tt) => {
        $crate::export!(@transforms $transformations $predicates);
        $crate::export!(@conversion $converters);
    };

    (@transforms [] []) => {};
    (@transforms [$($transformation:ty,)*] [$($predicate:ty,)*]) => {
        impl $crate::__private::TransformationPlugin for WatertightPlugin {
            const TRANSFORMATION_CLASSES: &'static [$crate::__private::TransformationClass] =
                &[$($crate::__private::TransformationClass::of::<$transformation>()),*];
        }

        impl $crate::__private::PredicatePlugin for WatertightPlugin {
            const PREDICATE_CLASSES: &'static [$crate::__private::PredicateClass] =
                &[$($crate::__private::PredicateClass::of::<$predicate>()),*];
        }

        #[cfg(target_arch = "wasm32")]
        $crate::bindings::transform::export_transform!(WatertightPlugin with_types_in $crate::bindings::transform);
    };

    (@conversion []) => {};
    (@conversion [$($class:ty,)+]) => {
        impl $crate::__private::ConverterPlugin for WatertightPlugin {
            const CONVERTER_CLASSES: &'static [$crate::__private::ConverterClass] =
                &[$($crate::__private::ConverterClass::of::<$class>()),+];
        }

        #[cfg(target_arch = "wasm32")]
        $crate::bindings::converter::export_converter!(WatertightPlugin with_types_in $crate::bindings::converter);
    };
}
