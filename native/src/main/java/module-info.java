/** The native boundary, for the engine alone. The libraries are those of the module {@code dev.fluxion.natives}. */
@SuppressWarnings("module") // the engine is compiled later
module dev.fluxion.ffi {
    requires dev.fluxion.natives;
    requires org.bytedeco.dnnl;
    requires org.bytedeco.javacpp;
    requires org.bytedeco.openblas;
    requires org.bytedeco.opencl;
    requires static org.jspecify;
    requires org.slf4j;

    exports dev.fluxion.ffi to
            dev.fluxion.engine;
}
