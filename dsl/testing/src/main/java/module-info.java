/** Random tensors, targets and models for property tests. */
@SuppressWarnings("requires-transitive-automatic") // jqwik has no descriptors
module dev.fluxion.testing {
    requires transitive dev.fluxion.dsl;
    requires transitive net.jqwik.api;

    exports dev.fluxion.testing;

    provides net.jqwik.api.providers.ArbitraryProvider with
            dev.fluxion.testing.Arguments;
}
