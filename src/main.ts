#!/usr/bin/env node
console.error('nothing here yet');
