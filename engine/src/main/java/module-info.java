/** Compiles expressions to static programs and runs them; reads and writes files of tensors. */
module dev.fluxion.engine {
    requires transitive dev.fluxion.api;
    requires dev.fluxion.ffi;
    requires org.slf4j;

    exports dev.fluxion.engine;
    exports dev.fluxion.engine.check;
    exports dev.fluxion.io;
}
