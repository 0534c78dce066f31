/** Asks models that a server offers by the Open Inference Protocol, with nothing but the JDK. */
module dev.fluxion.client {
    requires transitive java.net.http;
    requires static transitive org.jspecify;

    exports dev.fluxion.client;
}
