package dev.fluxion.serving;

/**
 * What a health check wants to know.
 *
 * @param live whether the threads are there that serve; a process in which they are not should be started anew
 * @param ready whether requests are taken
 * @param draining whether no more requests are taken, but some are still computed
 */
public record Status(boolean live, boolean ready, boolean draining) {}
